using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>
/// Overlap of what one component writes with what another reads, <c>PK = tr(P_1 P_2)</c>, the sum of squared cosines of the principal angles (Yamagiwa et al. 2026).
/// It counts directions, not their sizes: a second opinion beside the energy.
/// </summary>
/// <param name="Value">PK, from 0 to the lesser dimension.</param>
/// <param name="Score">Beside random subspaces of these dimensions.</param>
public sealed record ProjectionKernel(double Value, NullScore Score)
{
    /// <summary>Orthonormal basis of what a map reaches; of what it reads for <c>N W</c>, of what it writes for <c>W_Oᵀ</c>.</summary>
    /// <param name="map">Its columns span the subspace. [d_model, any]</param>
    /// <param name="tolerance">Singular values up to this share of the greatest count as 0.</param>
    /// <returns>[d_model, rank]</returns>
    public static Tensor Basis(Tensor map, double tolerance = 1e-10)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (u, s, _) = linalg.svd(map.to(float64), fullMatrices: false);
        return u.narrow(1, 0, s.gt(s.max() * tolerance).sum().item<long>()).MoveToOuterDisposeScope();
    }

    /// <summary>Of two subspaces.</summary>
    /// <param name="a">Orthonormal columns. [d_model, n]</param>
    /// <param name="b">Orthonormal columns. [d_model, m]</param>
    /// <param name="isCentred">Whether <paramref name="a"/> is orthogonal to the mean direction, as what is read behind a LayerNorm; chance then keeps that direction.</param>
    public static ProjectionKernel Of(Tensor a, Tensor b, bool isCentred)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var d = (int)a.shape[0];
        var share = isCentred ? b.sum(dim: 0).square().sum().item<double>() / d : 0; // of the mean direction in b
        var other = new GramMoments(b.shape[1] - share, b.shape[1] - 1 + (1 - share) * (1 - share));
        var value = a.T.matmul(b).square().sum().item<double>();
        return new ProjectionKernel(value, NullScore.Of(value, HaarNull.OneSided(GramMoments.OfProjector((int)a.shape[1]), other, isCentred ? d - 1 : d)));
    }

    /// <summary>Of a subspace with every subspace of a partition.</summary>
    /// <param name="a">Orthonormal columns. [d_model, n]</param>
    /// <param name="site">The partition.</param>
    /// <param name="isCentred">Whether <paramref name="a"/> is orthogonal to the mean direction.</param>
    public static ProjectionKernel[] WithSubspaces(Tensor a, Partition site, bool isCentred)
    {
        using var scope = NewDisposeScope();
        return [.. Enumerable.Range(0, site.Count).Select(unit => Of(a, site.Basis(unit).to(float64), isCentred))];
    }
}
