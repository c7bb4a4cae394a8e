using SubspaceCircuits.Circuits.Nulls;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits.Nulls;

public sealed class GammaTailTests
{
    /// <summary>Of whole shapes n the tail is a Poisson sum, <c>Σ_k&lt;n e^−x x^k/k!</c>.</summary>
    [Theory]
    [InlineData(1, 0.3)]
    [InlineData(1, 30)]
    [InlineData(4, 2.5)]
    [InlineData(4, 40)]
    [InlineData(300, 250)]
    [InlineData(300, 301)]
    [InlineData(300, 420)]
    public void AtLeast_is_a_Poisson_sum_for_whole_shapes(int shape, double x)
    {
        var (term, sum) = (Math.Exp(-x), 0.0);
        for (var k = 0; k < shape; k++, term *= x / k)
            sum += term;

        var tail = GammaTail.AtLeast(shape * 2, shape * 4, x * 2); // scale 2

        Near.Equal(1, tail / sum, 1e-11);
    }

    [Theory]
    [InlineData(0.1, 0.65472084601857693)] // erfc(√x), to 17 digits
    [InlineData(2, 0.045500263896358417)]
    [InlineData(20, 2.5396285894708649e-10)]
    public void AtLeast_of_shape_one_half_is_the_complementary_error_function(double x, double tail) => Near.Equal(1, GammaTail.AtLeast(0.5, 0.5, x) / tail, 1e-11);

    /// <summary>A narrow distribution is nearly normal; the skewness 2/√shape is .002 here.</summary>
    [Fact]
    public void AtLeast_of_a_large_shape_is_nearly_normal() => Near.Equal(0.15866, GammaTail.AtLeast(1, 1e-6, 1.001), 2e-4);

    [Fact]
    public void AtLeast_has_ends()
    {
        Assert.Equal(1, GammaTail.AtLeast(2, 1, 0));
        Assert.Equal(0, GammaTail.AtLeast(2, 1, 1e6));
    }
}
