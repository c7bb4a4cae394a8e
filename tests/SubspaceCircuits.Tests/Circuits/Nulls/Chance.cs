using SubspaceCircuits.Circuits.Nulls;

namespace SubspaceCircuits.Tests.Circuits.Nulls;

/// <summary>Draws, and what they say about a mean and a variance.</summary>
internal static class Chance
{
    // Seeds are fixed, so a right formula passes always; a wrong one would have to be within this many standard errors.
    private const double StandardErrors = 4.5;

    /// <summary>Uniformly random orthogonal matrices: QR of Gaussian ones, signs fixed. [draw, d, d]</summary>
    public static Tensor Rotations(int draws, int d, ulong seed)
    {
        using var scope = NewDisposeScope();
        var (q, r) = linalg.qr(randn(draws, d, d, dtype: float64, generator: new Generator(seed)));
        return (q * r.diagonal(dim1: -2, dim2: -1).sign().unsqueeze(-2)).MoveToOuterDisposeScope();
    }

    /// <summary>The same, but the direction of equal coordinates stays. [draw, d, d]</summary>
    public static Tensor RotationsOfCentred(int draws, int d, ulong seed)
    {
        using var scope = NewDisposeScope();
        var (_, vectors) = linalg.eigh(ones(d, d, dtype: float64)); // eigenvalue d last
        var basis = vectors.narrow(1, 0, d - 1);
        return (basis.matmul(Rotations(draws, d - 1, seed)).matmul(basis.T) + 1.0 / d).MoveToOuterDisposeScope();
    }

    /// <summary>A symmetric positive semidefinite matrix with given eigenvalues and random eigenvectors.</summary>
    public static Tensor WithSpectrum(double[] eigenvalues, ulong seed)
    {
        using var scope = NewDisposeScope();
        var q = Rotations(1, eigenvalues.Length, seed)[0];
        return (q * tensor(eigenvalues)).matmul(q.T).MoveToOuterDisposeScope();
    }

    /// <summary>Squared norms of matrices. [draw]</summary>
    public static double[] Energies(Tensor matrices) => [.. matrices.square().sum([-2, -1]).data<double>()];

    /// <summary>Mean and variance of draws are those expected, within standard errors.</summary>
    public static void Expect(NullMoments expected, double[] draws)
    {
        var mean = draws.Average();
        double Moment(int power) => draws.Average(draw => Math.Pow(draw - mean, power));
        var variance = Moment(2);
        var (errorOfMean, errorOfVariance) = (Math.Sqrt(variance / draws.Length), Math.Sqrt(Math.Max(0, Moment(4) - variance * variance) / draws.Length));
        var rounding = 1e-10 * (1 + mean * mean);
        Assert.True(Math.Abs(mean - expected.Mean) <= StandardErrors * errorOfMean + rounding, $"mean {expected.Mean:g6} expected, {mean:g6} ± {errorOfMean:g2} drawn");
        Assert.True(Math.Abs(variance - expected.Variance) <= StandardErrors * errorOfVariance + rounding, $"variance {expected.Variance:g6} expected, {variance:g6} ± {errorOfVariance:g2} drawn");
    }
}
