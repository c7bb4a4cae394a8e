using SubspaceCircuits.Scores;

namespace SubspaceCircuits.Tests.Scores;

/// <summary>Subspaces whose overlaps can be told by hand.</summary>
internal static class Planes
{
    /// <summary>Spanned by axes. [d_model, axis]</summary>
    public static Tensor Of(int dModel, params int[] axes) => eye(dModel, dtype: float64).index_select(1, tensor([.. axes.Select(axis => (long)axis)]));

    /// <summary>Axes 0 and 1 of four, turned towards axes 2 and 3 by angles. [4, 2]</summary>
    public static Tensor Tilted(double first, double second) =>
        tensor([Math.Cos(first), 0, 0, Math.Cos(second), Math.Sin(first), 0, 0, Math.Sin(second)], [4, 2]);

    /// <summary>A true subspace spanned by axes.</summary>
    public static TrueSubspace True(string name, int dModel, params int[] axes) => new(name, Of(dModel, axes));
}
