using SubspaceCircuits.Subspaces.Discovery.Proposals;

namespace SubspaceCircuits.Tests.Subspaces.Discovery.Proposals;

public sealed class CumulantsTests
{
    [Fact]
    public void Slices_are_those_of_the_sums_over_rows()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(0);
        const int D = 3, Rows = 40;
        var z = randn([Rows, D], generator: generator);
        z -= z.mean([0]);

        var slices = Cumulants.Slices(z, 1, generator, TestContext.Current.CancellationToken).Single().to(float64);

        var x = z.to(float64).data<double>().ToArray();
        double Moment(params int[] of) => Enumerable.Range(0, Rows).Average(row => of.Aggregate(1.0, (product, column) => product * x[row * D + column]));
        var pairs = (from i in Enumerable.Range(0, D) from j in Enumerable.Range(i, D - i) select (i, j)).ToArray();
        Assert.Equal(D + pairs.Length, slices.shape[0]);
        for (var a = 0; a < D; a++)
        {
            for (var b = 0; b < D; b++)
            {
                for (var i = 0; i < D; i++)
                    Near.Equal(Moment(i, a, b), slices[i, a, b].item<double>(), 1e-5);
                for (var k = 0; k < pairs.Length; k++)
                {
                    var (i, j) = pairs[k];
                    var fourth = Moment(i, j, a, b) - Moment(i, j) * Moment(a, b) - Moment(i, a) * Moment(j, b) - Moment(i, b) * Moment(j, a);
                    Near.Equal(fourth * (i == j ? 1 : Math.Sqrt(2)) / Math.Sqrt(12), slices[D + k, a, b].item<double>(), 1e-5);
                }
            }
        }
    }

    [Fact]
    public void Those_of_gaussians_vanish_with_the_rows()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);

        var slices = Cumulants.Slices(randn([40_000, 30], generator: generator), 4, generator, TestContext.Current.CancellationToken);

        Assert.True(slices.Aggregate((a, b) => a + b).div(4).square().mean().sqrt().item<float>() < 3 / Math.Sqrt(40_000) * 2);
    }
}
