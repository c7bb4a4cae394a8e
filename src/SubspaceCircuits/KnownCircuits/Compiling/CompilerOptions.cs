namespace SubspaceCircuits.KnownCircuits.Compiling;

/// <summary>Numbers that a compiled transformer is made with.</summary>
public sealed record CompilerOptions
{
    /// <summary>Score of a selected key above one that is not, in logits: 100 is exact in double precision, 30 in single, 12 is soft.</summary>
    public double Beta { get; init; } = 100;

    /// <summary>Weight of BOS, in selected keys, for heads that count; null for the longest length, which keeps the counts furthest apart.</summary>
    public double? Kappa { get; init; }

    /// <summary>Factor of the unembedding: 1 gives indicators, 10 a confident softmax.</summary>
    public double UnembedScale { get; init; } = 1;

    /// <summary>Whether there is a token for padding, after BOS, that no head attends to.</summary>
    public bool HasPad { get; init; }

    /// <summary>Whether variables that the same selector finds in the same layer share a head.</summary>
    public bool SharesSelectors { get; init; }

    /// <summary>Whether scores are factorised to the least rank (singular values) instead of by classes of keys or queries.</summary>
    public bool UsesLeastRank { get; init; }

    internal void Validate()
    {
        if (!(Beta > 0) || !(Kappa is null or > 0) || !(UnembedScale > 0))
            throw new ArgumentException($"Beta, kappa and the scale of the unembedding should be above 0, but are {Beta}, {Kappa}, {UnembedScale}.");
    }
}
