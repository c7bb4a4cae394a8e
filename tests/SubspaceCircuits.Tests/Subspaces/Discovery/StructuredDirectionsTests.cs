using SubspaceCircuits.Subspaces.Discovery;
using SubspaceCircuits.Subspaces.Synthetic;

namespace SubspaceCircuits.Tests.Subspaces.Discovery;

public sealed class StructuredDirectionsTests
{
    private const double Factor = 2;

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Gaussian_directions_are_told_apart(int gaussian)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        using var made = SyntheticActivations.Make(new SyntheticSettings { Groups = [new(6, 20), new(gaussian, 0)], Rows = 10_000, Seed = 3 });
        using var cleaned = new CleanedActivations(made.Rows, 1e-3);

        var (basis, count) = StructuredDirections.Of(cleaned.White, Factor, generator, TestContext.Current.CancellationToken);

        Assert.Equal(6, count);
        var found = cleaned.Basis.matmul(basis.narrow(1, 0, 6));
        var inside = made.Variables[0].Basis.T.matmul(found).square().sum().item<float>() / 6;
        Assert.True(inside > 0.99, $"only {inside:0.000} of the structured directions lie in the group");
    }

    [Fact]
    public void Of_gaussians_alone_none_has_structure()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2);

        Assert.Equal(0, StructuredDirections.Of(randn([10_000, 8], generator: generator), Factor, generator, TestContext.Current.CancellationToken).Count);
    }
}
