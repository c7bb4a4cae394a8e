namespace SubspaceCircuits.KnownCircuits.Twin;

/// <summary>Numbers that the twin of the copy transformer is made with.</summary>
public sealed record CopyTwinOptions
{
    /// <summary>Settings with twice the scores: 20 and 120.</summary>
    public static CopyTwinOptions Sharp { get; } = new() { PositionBeta = 20, TokenBeta = 120 };

    /// <summary>Settings with four and five times the scores: 40 and 300.</summary>
    public static CopyTwinOptions Sharpest { get; } = new() { PositionBeta = 40, TokenBeta = 300 };

    /// <summary>β₀: what each frequency of a previous-token head adds to the score of the previous position, in logits; above 0.</summary>
    public double PositionBeta { get; init; } = 10;

    /// <summary>β₁: mean score of a token with itself in the induction heads, in logits; above 0.</summary>
    public double TokenBeta { get; init; } = 60;

    /// <summary>κ: factor of the unembedding; 1 gives cosines as logits, 10 a confident softmax; above 0.</summary>
    public double UnembedScale { get; init; } = 10;

    /// <summary>Seed of the token codes.</summary>
    public int Seed { get; init; }

    internal void Validate()
    {
        if (!(PositionBeta > 0) || !(TokenBeta > 0) || !(UnembedScale > 0))
            throw new ArgumentException($"Both betas and the scale of the unembedding should be above 0, but are {PositionBeta}, {TokenBeta}, {UnembedScale}.");
    }
}
