using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Discovery.Proposals;

namespace SubspaceCircuits.Tests.Subspaces.Discovery.Proposals;

public sealed class IndependentComponentsTests
{
    [Fact]
    public void Mixed_sources_are_found()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(0);
        const int D = 6, Rows = 50_000;
        var uniform = (rand([Rows, D / 2], generator: generator) - 0.5) * Math.Sqrt(12);
        var laplace = (rand([Rows, D / 2], generator: generator).log() - rand([Rows, D / 2], generator: generator).log()) / Math.Sqrt(2);
        var mixing = Rotation.Random(D, generator);
        var rows = cat([uniform, laplace], dim: 1).matmul(mixing.T);

        var components = IndependentComponents.Of(rows, 200, generator, TestContext.Current.CancellationToken);

        // Each component is one source: angles are off by about .01, and there are five.
        var cosines = mixing.T.matmul(components).abs();
        Assert.True(cosines.amax([1]).min().item<float>() > 0.998);
        Near.Equal(0, Rotation.OrthogonalityError(components), 1e-5);
    }
}
