using Parameter = TorchSharp.Modules.Parameter;

namespace SubspaceCircuits.Interventions;

/// <summary>Numbers of a gated model that gradient descent may change.</summary>
/// <param name="Tensor">The numbers, owned by the model.</param>
/// <param name="Rate">Learning rate of Adam.</param>
public sealed record Learnable(Parameter Tensor, double Rate);
