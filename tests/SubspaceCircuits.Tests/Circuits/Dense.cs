using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests.Circuits;

/// <summary>The quantities of a circuit computed directly with matrices of size d_model × d_model, in float64: slow and plain.</summary>
internal static class Dense
{
    /// <summary>N = C Γ s̄. [d_model, d_model]</summary>
    public static Tensor ReadMap(LayerNormWeights? norm, double epsilon, Partition site)
    {
        var d = site.Mean.shape[0];
        var identity = eye(d, dtype: float64);
        if (norm is null)
            return identity;
        var centring = identity - ones(d, d, dtype: float64) / d;
        var (mean, covariance) = (site.Mean.to(float64), site.Covariance.to(float64));
        var secondMoment = covariance + outer(mean, mean);
        var meanVariance = centring.matmul(secondMoment).matmul(centring.T).trace().item<double>() / d; // E[σ²] = E‖xC‖²/d
        return centring.matmul(diag(norm.W.to(float64))) / Math.Sqrt(meanVariance + epsilon);
    }

    /// <summary>β, what the norm adds. [d_model]</summary>
    public static Tensor Shift(LayerNormWeights? norm, Partition site) => norm is null ? zeros_like(site.Mean).to(float64) : norm.B.to(float64);

    /// <summary>R_iᵀ M R'_k. [d_unit, d_unit]</summary>
    public static Tensor Block(Partition read, int i, Tensor map, Partition write, int k) =>
        read.Basis(i).to(float64).T.matmul(map.to(float64)).matmul(write.Basis(k).to(float64));

    /// <summary>Covariance within a subspace. [d_unit, d_unit]</summary>
    public static Tensor Covariance(Partition site, int unit) => Block(site, unit, site.Covariance, site, unit);

    /// <summary>‖M‖² of a matrix.</summary>
    public static double Energy(Tensor matrix) => matrix.to(float64).square().sum().item<double>();

    /// <summary>A table over pairs of subspaces.</summary>
    public static double[,] Table(Partition read, Partition write, Func<int, int, double> value)
    {
        var table = new double[read.Count, write.Count];
        for (var i = 0; i < read.Count; i++)
        {
            for (var k = 0; k < write.Count; k++)
                table[i, k] = value(i, k);
        }

        return table;
    }
}
