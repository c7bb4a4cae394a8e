namespace SubspaceCircuits.Interventions;

/// <summary>
/// A model with a gate on every edge of a graph: 1 lets the edge carry what it carries, 0 puts what its ablation says in its place. Logits are differentiable
/// in the gates, so that one object serves exact ablation, attribution by gradients and learned pruning. Owns its tensors and disposes them.
/// </summary>
public interface IGatedModel : IDisposable
{
    /// <summary>How many edges, and so gates, there are.</summary>
    int EdgeCount { get; }

    /// <summary>What stands in the place of a removed edge; part of every number that is measured with this model.</summary>
    Ablation Ablation { get; }

    /// <summary>What gradient descent may change: with <see cref="Ablation.Optimal"/> the constants in the place of removed edges, at first the mean.</summary>
    IReadOnlyList<Learnable> Learnables { get; }

    /// <summary>Logits with every edge let through as far as its gate says.</summary>
    /// <param name="input">What is run.</param>
    /// <param name="gates">[edge], or a row for every sample [batch, edge]</param>
    /// <returns>[batch, pos, vocab]</returns>
    Tensor Forward(GatedInput input, Tensor gates);
}

/// <summary>What stands in the place of a removed edge.</summary>
public enum Ablation
{
    /// <summary>The mean of what it carries, over tokens and positions.</summary>
    Mean,

    /// <summary>Nothing.</summary>
    Zero,

    /// <summary>What it carries at the same position of another sample (interchange, resampling).</summary>
    Resample,

    /// <summary>The constant with the least loss (Li and Janson 2024), found by gradient descent.</summary>
    Optimal,
}

/// <summary>What a gated model is run on.</summary>
/// <param name="Tokens">Token ids, int64. [batch, pos]</param>
/// <param name="Donors">With <see cref="Ablation.Resample"/> the other samples, else null. [batch, pos]</param>
/// <param name="Interpolation">
/// Embeddings lie between the ablated ones at 0 and those of the tokens at 1. Below 1, every gate scales the difference between what its edge carries in the
/// whole model on the tokens themselves and what its ablation would put there, so that the derivative by the gates is the summand of EAP-IG (Hanna et al.
/// 2024, "EAP-IG (inputs)"); at 1 gates scale what the edge carries in this run.
/// </param>
public sealed record GatedInput(Tensor Tokens, Tensor? Donors = null, double Interpolation = 1);
