namespace SubspaceCircuits.Activations;

/// <summary>An endless stream of shuffled activations of one site.</summary>
public interface IActivationSource
{
    /// <summary>Width of an activation.</summary>
    int DModel { get; }

    /// <summary>The next activations, in random order.</summary>
    /// <returns>[row, d_model], owned by the caller's scope.</returns>
    Tensor Next(int rows);
}
