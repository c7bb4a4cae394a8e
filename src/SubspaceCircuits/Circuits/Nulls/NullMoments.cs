namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>Mean and variance of an energy when only chance aligns the two sides.</summary>
public readonly record struct NullMoments(double Mean, double Variance);
