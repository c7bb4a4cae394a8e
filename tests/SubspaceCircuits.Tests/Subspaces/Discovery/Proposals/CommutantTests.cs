using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Discovery.Proposals;

namespace SubspaceCircuits.Tests.Subspaces.Discovery.Proposals;

public sealed class CommutantTests
{
    [Theory]
    [InlineData(4, 7)] // as a dense problem
    [InlineData(12, 20)] // by Lanczos' method
    public void Of_block_diagonal_matrices_it_is_constant_in_each_block(int first, int second)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2);
        var (d, rotation) = (first + second, Rotation.Random(first + second, generator));
        var slices = stack([.. Enumerable.Range(0, 60).Select(_ => rotation.matmul(block_diag(Symmetric(first, generator), Symmetric(second, generator))).matmul(rotation.T))], dim: 0);

        var (matrix, residual) = Commutant.Least([slices, slices], generator, TestContext.Current.CancellationToken);

        var turned = rotation.T.to(float64).matmul(matrix).matmul(rotation.to(float64));
        var expected = cat([full(first, Math.Sqrt((double)second / first / d)), full(second, -Math.Sqrt((double)first / second / d))], dim: 0).to(float64);
        var sign = turned[0, 0].item<double>() > 0 ? 1 : -1;
        Near.Equal(0, (turned * sign - diag(expected)).abs().max().item<double>(), 1e-2 / d);
        Near.Equal(0, residual, 1e-4);
    }

    [Fact]
    public void Of_matrices_without_blocks_nothing_commutes()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var slices = stack([.. Enumerable.Range(0, 40).Select(_ => Symmetric(8, generator))], dim: 0);

        Assert.True(Commutant.Least([slices, slices], generator, TestContext.Current.CancellationToken).Residual > 0.3);
    }

    private static Tensor Symmetric(int d, Generator generator)
    {
        var matrix = randn([d, d], generator: generator);
        return matrix + matrix.T;
    }
}
