using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits;

/// <summary>
/// What the residual stream itself carries from site to site: <c>M_ik = R_iᵀ R'_k</c>. For every k the energies over i add up to d_k,
/// for every i those over k to d_i.
/// </summary>
public static class PassthroughBlocks
{
    /// <summary>Energy and variance of all blocks.</summary>
    /// <param name="read">Partition at the earlier site.</param>
    /// <param name="write">Partition at the later site.</param>
    public static Blocks Of(Partition read, Partition write)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return Blocks.Of(read.R.to(float64).T.matmul(write.R.to(float64)), read, write);
    }
}
