namespace SubspaceCircuits.Interventions;

/// <summary>What a gated component's norm divides by.</summary>
public enum ComponentNorm
{
    /// <summary>The σ of the reader's own gated input: LayerNorm as it is.</summary>
    Recomputed,

    /// <summary>A constant for each reader, <c>√(v + ε)</c>: the norm is linear (the linear LayerNorm assumption of decompiling-transformers).</summary>
    Constant,
}
