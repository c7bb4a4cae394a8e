using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>A map <c>A Bᵀ</c> of the stream through few dimensions, in the coordinates of the model. Borrows its tensors.</summary>
/// <param name="Left">A. [d_model, d_head]</param>
/// <param name="Right">B. [d_model, d_head]</param>
/// <param name="IsLeftCentred">Whether <c>1ᵀA = 0</c>, as behind a LayerNorm: chance then does not touch the mean direction.</param>
/// <param name="IsRightCentred">Whether <c>1ᵀB = 0</c>.</param>
/// <param name="IsWithinSite">Whether both ends are subspaces of the same partition, as query and key are.</param>
public sealed record FactoredMap(Tensor Left, Tensor Right, bool IsLeftCentred, bool IsRightCentred, bool IsWithinSite)
{
    /// <summary>A head's scores, <c>N W_Q · (N W_K)ᵀ / √d_head</c>. In the caller's dispose scope.</summary>
    public static FactoredMap Qk(ReadMap map, AttentionWeights attention, int head)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var wQ = attention.WQ[head].to(float64);
        return new FactoredMap((map.Matrix.matmul(wQ) / Math.Sqrt(wQ.shape[1])).MoveToOuterDisposeScope(), map.Matrix.matmul(attention.WK[head].to(float64)).MoveToOuterDisposeScope(),
            map.IsCentred, map.IsCentred, true);
    }

    /// <summary>What a head moves, <c>N W_V · W_O</c>. In the caller's dispose scope.</summary>
    public static FactoredMap Ov(ReadMap map, AttentionWeights attention, int head)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return new FactoredMap(map.Matrix.matmul(attention.WV[head].to(float64)).MoveToOuterDisposeScope(), attention.WO[head].to(float64, copy: true).T.MoveToOuterDisposeScope(),
            map.IsCentred, false, false);
    }

    /// <summary>
    /// The map on whitened activations, <c>Σ^½ A (Σ^½ B)ᵀ</c>, where it acts on one site at both ends, else <c>Σ^½ A Bᵀ</c>: energies of its blocks are
    /// variances, and a rotation of whitened activations leaves Σ as it is. In the caller's dispose scope.
    /// </summary>
    /// <param name="covariance">Σ of the read site. [d_model, d_model]</param>
    public FactoredMap Whitened(Tensor covariance)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (values, vectors) = linalg.eigh(covariance.to(float64));
        var root = (vectors * values.clamp_min(0).sqrt()).matmul(vectors.T);
        return new FactoredMap(root.matmul(Left).MoveToOuterDisposeScope(), (IsWithinSite ? root.matmul(Right) : Right.clone()).MoveToOuterDisposeScope(),
            false, !IsWithinSite && IsRightCentred, IsWithinSite);
    }

    /// <summary>Energies of all blocks, <c>‖R_iᵀ A Bᵀ R'_k‖²</c>.</summary>
    /// <param name="read">Subspaces at the left end.</param>
    /// <param name="write">Subspaces at the right end.</param>
    /// <returns>[subspace_read, subspace_write]</returns>
    public double[,] Energies(Partition read, Partition write)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (left, right) = Blocks.Orthonormal(read.R.to(float64).T.matmul(Left), write.R.to(float64).T.matmul(Right));
        return Blocks.InnerProducts(Blocks.Grams(left, null, read), Blocks.Grams(right, null, write));
    }

    /// <summary>Moments of the Gram matrix of the whole map, from those of its factors.</summary>
    internal GramMoments Moments()
    {
        using var scope = NewDisposeScope();
        var product = Left.T.matmul(Left).matmul(Right.T.matmul(Right)); // [d_head, d_head], with the eigenvalues of the Gram matrix
        return new GramMoments(product.trace().item<double>(), (product * product.T).sum().item<double>());
    }
}
