using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits;

/// <summary>
/// What a head moves between subspaces: <c>T_jk = R_jᵀ N W_V W_O R'_k</c> (Elhage et al. 2021, "OV circuit", restricted to a read and a
/// write subspace). The energies of all blocks add up to <c>‖N W_V W_O‖²</c>, because both partitions are complete.
/// </summary>
public static class OvBlocks
{
    /// <summary>Energy and variance of all blocks of one head. The variance is that of a head which attends to one position.</summary>
    /// <param name="read">Partition at the site it reads.</param>
    /// <param name="write">Partition at the site it writes.</param>
    /// <param name="map">What it sees of the read site.</param>
    /// <param name="attention">Weights of its layer.</param>
    /// <param name="head">Which head.</param>
    public static Blocks Of(Partition read, Partition write, ReadMap map, AttentionWeights attention, int head)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (reads, writes) = Blocks.Orthonormal(map.Rotated(read, attention.WV[head]), attention.WO[head].to(float64).matmul(write.R.to(float64)).T); // [d_model, d_head]
        var writeGrams = Blocks.Grams(writes, null, write);                                             // [unit, d_head, d_head]
        return new Blocks(
            Blocks.InnerProducts(Blocks.Grams(reads, null, read), writeGrams),
            Blocks.InnerProducts(Blocks.Grams(reads, map.CovarianceWithin(read), read), writeGrams));
    }
}
