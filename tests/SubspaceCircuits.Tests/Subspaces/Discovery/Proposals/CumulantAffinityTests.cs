using SubspaceCircuits.Subspaces.Discovery.Proposals;

namespace SubspaceCircuits.Tests.Subspaces.Discovery.Proposals;

public sealed class CumulantAffinityTests
{
    private const int Rows = 20_000, Components = 30;

    [Fact]
    public void Independent_components_give_chi_squares()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(0);
        var y = (rand([Rows, Components], generator: generator) - 0.5) * Math.Sqrt(12);

        var affinity = CumulantAffinity.Of(y);

        double[] pairs = [.. from a in Enumerable.Range(0, Components) from b in Enumerable.Range(0, a) select affinity[a, b]];
        Near.Equal(5, pairs.Average(), 4 * Math.Sqrt(2 * 5.0 / pairs.Length));
        Assert.True(pairs.Max() < CumulantAffinity.SurePair);
    }

    [Fact]
    public void Components_that_are_never_active_together_are_dependent()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2);
        var choice = randint(2, [Rows, 1], generator: generator);
        var y = randn([Rows, 2], generator: generator) * cat([choice.eq(0), choice.eq(1)], dim: 1).to(float32) * Math.Sqrt(2);

        Assert.True(CumulantAffinity.Of(y)[0, 1] > 100 * CumulantAffinity.SurePair / 36);
    }
}
