using SubspaceCircuits.Circuits.Mlps;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits.Mlps;

public sealed class SobolIndicesTests
{
    private const int Rows = 40_000;

    // Standard errors are a few times 1/√rows = .005.
    private const double Sampling = 0.03;

    [Fact]
    public void Totals_of_an_additive_function_are_its_shares_and_add_up_to_one()
    {
        using var scope = NewDisposeScope();
        using var read = Rotated([2, 1, 1]);
        using var write = Plain([3, 1]);
        var x = randn(Rows, 4, dtype: float64, generator: new Generator(1));
        Tensor Function(Tensor stream)
        {
            var h = stream.matmul(read.R);
            return stack([3 * h.select(1, 0).square(), 2 * h.select(1, 2), h.select(1, 3).abs(), h.select(1, 3)], dim: 1);
        }

        var indices = SobolIndices.Of(Function, read, write, x, new Generator(2));

        double[] variances = [18, 4, 1 - 2 / Math.PI];  // of 3h², 2h, |h|
        Near.Equal(1, indices.Variance[0] / variances.Sum(), Sampling);
        for (var i = 0; i < 3; i++)
        {
            Near.Equal(variances[i] / variances.Sum(), indices.Total[i, 0], Sampling);
            Near.Equal(indices.Total[i, 0], indices.First[i, 0], Sampling);
        }

        Near.Equal(1, Enumerable.Range(0, 3).Sum(i => indices.Total[i, 0]), Sampling);
        Near.Equal(0, indices.Total[0, 1], 1e-12);
        Near.Equal(1, indices.Total[2, 1], Sampling);
    }

    [Fact]
    public void Indices_of_a_product_are_those_known()
    {
        using var scope = NewDisposeScope();
        using var sites = Plain([1, 1]);
        var x = randn(Rows, 2, dtype: float64, generator: new Generator(3)) + tensor(new[] { 2.0, 0 });

        var indices = SobolIndices.Of(h => h.narrow(1, 0, 1) * h.narrow(1, 1, 1) * ones(1, 2, dtype: float64), sites, sites, x, new Generator(4));

        // x₁x₂ with means 2 and 0 and variances 1: V = m₁² + m₂² + 1 = 5, V₁ = m₂² = 0, V₂ = m₁² = 4, V₁₂ = 1.
        Near.Equal(5, indices.Variance[0], 5 * Sampling);
        Near.Equal(0, indices.First[0, 0], Sampling);
        Near.Equal(0.8, indices.First[1, 0], Sampling);
        Near.Equal(0.2, indices.Total[0, 0], Sampling);
        Near.Equal(1, indices.Total[1, 0], Sampling);
    }

    /// <summary>The caveat: the sum of two equal subspaces is additive, and each matters half as much as the whole varies.</summary>
    [Fact]
    public void Totals_of_dependent_subspaces_do_not_add_up()
    {
        using var scope = NewDisposeScope();
        using var sites = Plain([1, 1]);
        var x = randn(Rows, 1, dtype: float64, generator: new Generator(5)).expand(Rows, 2);

        var indices = SobolIndices.Of(h => h.sum(dim: 1, keepdim: true).expand_as(h), sites, sites, x, new Generator(6));

        Near.Equal(0.25, indices.Total[0, 0], Sampling);
        Near.Equal(0.25, indices.Total[1, 0], Sampling);
    }

    [Fact]
    public void A_target_that_does_not_vary_has_no_indices()
    {
        using var scope = NewDisposeScope();
        using var sites = Plain([1, 1]);

        var indices = SobolIndices.Of(h => h * tensor(new[] { 1.0, 0 }), sites, sites, randn(100, 2, dtype: float64, generator: new Generator(7)), new Generator(8));

        Assert.Equal(0, indices.Variance[1]);
        Assert.Equal((0, 0), (indices.Total[0, 1], indices.First[0, 1]));
    }

    private static Partition Plain(int[] sizes) => Of(eye(sizes.Sum(), dtype: float64), sizes);

    private static Partition Rotated(int[] sizes) => Of(linalg.qr(randn(sizes.Sum(), sizes.Sum(), dtype: float64, generator: new Generator(9))).Q, sizes);

    private static Partition Of(Tensor rotation, int[] sizes) => new(null, rotation, sizes, zeros(sizes.Sum(), dtype: float64), eye(sizes.Sum(), dtype: float64));
}
