using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.KnownCircuits.Disguises;

/// <summary>Random matrices, float64, from a source of chance that is the same in every process.</summary>
internal static class RandomTensors
{
    private const double RankTolerance = 1e-9;

    /// <summary>Independent standard normal entries.</summary>
    public static Tensor Gaussian(this Random random, params long[] shape)
    {
        var values = new double[shape.Aggregate(1L, (count, size) => count * size)];
        for (var at = 0; at < values.Length; at++)
            values[at] = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()); // Box and Muller 1958
        return tensor(values, shape, dtype: float64);
    }

    /// <summary>A number whose logarithm is uniform in <c>[−ln limit, ln limit]</c>.</summary>
    public static double LogUniform(this Random random, double limit) => Math.Exp(((2 * random.NextDouble()) - 1) * Math.Log(limit));

    /// <summary>A uniformly random (Haar) orthogonal matrix.</summary>
    /// <returns>[d, d]</returns>
    public static Tensor Orthogonal(this Random random, long d) => Rotation.Orthogonalize(random.Gaussian(d, d));

    /// <summary><c>U diag(s) Vᵀ</c> with random rotations, log-uniform singular values and at most this condition; and its inverse.</summary>
    /// <returns>[d, d], both</returns>
    public static (Tensor Matrix, Tensor Inverse) Invertible(this Random random, long d, double maxCondition)
    {
        if (!(maxCondition >= 1))
            throw new ArgumentException($"The greatest condition should be 1 or more, but is {maxCondition}.");
        var (u, v) = (random.Orthogonal(d), random.Orthogonal(d));
        double[] singular = [.. Enumerable.Range(0, (int)d).Select(_ => random.LogUniform(Math.Sqrt(maxCondition)))];
        var s = tensor(singular, dtype: float64);
        return ((u * s).matmul(v.T), (v / s).matmul(u.T));
    }

    /// <summary>
    /// A random orthonormal basis of the subspace that a matrix projects on, orthogonally or not. Unlike singular vectors, which are of no certain choice where singular
    /// values are equal, it is the same on every machine up to rounding.
    /// </summary>
    /// <param name="random">Source of chance.</param>
    /// <param name="projector">[d, d]</param>
    /// <param name="rank">Dimensions of the subspace.</param>
    /// <returns>[d, rank]</returns>
    public static Tensor BasisOf(this Random random, Tensor projector, long rank) => Rotation.Orthogonalize(projector.matmul(random.Gaussian(projector.shape[1], rank)));

    /// <summary>The orthogonal projector on the span of a matrix's columns, and its rank.</summary>
    /// <returns>[d, d]</returns>
    public static (Tensor Projector, long Rank) Span(Tensor matrix)
    {
        var (u, singular, _) = linalg.svd(matrix, fullMatrices: false);
        var rank = singular.gt(singular[0] * RankTolerance).sum().item<long>();
        var basis = u.narrow(1, 0, rank);
        return (basis.matmul(basis.T), rank);
    }
}
