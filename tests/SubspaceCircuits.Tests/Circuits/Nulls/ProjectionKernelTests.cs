using SubspaceCircuits.Circuits.Nulls;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits.Nulls;

public sealed class ProjectionKernelTests
{
    [Fact]
    public void The_kernel_is_the_sum_of_squared_cosines()
    {
        using var scope = NewDisposeScope();
        var rotation = Rotation.Random(5, new Generator(1), float64);
        // Principal angles 0.3 and 1.1 between two planes.
        var other = tensor(new[] { Math.Cos(0.3), 0, 0, Math.Cos(1.1), Math.Sin(0.3), 0, 0, Math.Sin(1.1), 0, 0 }, [5, 2]);

        var kernel = ProjectionKernel.Of(rotation.narrow(1, 0, 2), rotation.matmul(other), false);

        Near.Equal(Math.Pow(Math.Cos(0.3), 2) + Math.Pow(Math.Cos(1.1), 2), kernel.Value, 1e-12);
        Near.Equal(4.0 / 5, kernel.Score.Mean, 1e-12);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Chance_is_what_rotations_give(bool isCentred)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(2);
        Tensor map = randn(6, 2, dtype: float64, generator: generator), b = ProjectionKernel.Basis(randn(6, 3, dtype: float64, generator: generator));
        var a = ProjectionKernel.Basis(isCentred ? map - map.mean([0], keepdim: true) : map);

        var score = ProjectionKernel.Of(a, b, isCentred).Score;

        var u = isCentred ? Chance.RotationsOfCentred(40_000, 6, 3) : Chance.Rotations(40_000, 6, 3);
        Chance.Expect(new NullMoments(score.Mean, score.StandardDeviation * score.StandardDeviation), Chance.Energies(a.T.matmul(u).matmul(b)));
    }

    [Fact]
    public void Basis_leaves_out_what_a_map_does_not_reach()
    {
        using var scope = NewDisposeScope();
        var column = randn(6, 1, dtype: float64, generator: new Generator(4));

        var basis = ProjectionKernel.Basis(cat([column, -2 * column, 1e-14 * randn(6, 1, dtype: float64)], dim: 1));

        Assert.Equal([6, 1], basis.shape);
        Near.Equal(column, basis.matmul(basis.T).matmul(column), 1e-12);
    }

    [Fact]
    public void Kernels_with_all_subspaces_add_up_to_the_dimensions()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        var a = ProjectionKernel.Basis(randn(10, 4, dtype: float64, generator: new Generator(5)));

        var kernels = ProjectionKernel.WithSubspaces(a, model.Partitions[0], false);

        Near.Equal(4, kernels.Sum(kernel => kernel.Value), 1e-5);
    }
}
