using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits;

/// <summary>
/// Which subspace holds the direction <c>1</c> that the centring of a LayerNorm takes away. Centring is all by which the norm mixes subspaces beyond its scale:
/// <c>R_iᵀ C R_j = −(R_iᵀ1)(1ᵀR_j)/d</c> for i ≠ j.
/// </summary>
public static class MeanDirection
{
    /// <summary><c>‖R_iᵀ1‖²/d</c>; they add up to 1.</summary>
    /// <returns>[subspace]</returns>
    public static double[] Shares(Partition partition)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var squares = partition.R.to(float64).sum(dim: 0).square() / partition.R.shape[0];      // [d_model]
        return [.. Blocks.SumsOf(squares, 0, partition).cpu().data<double>()];
    }
}
