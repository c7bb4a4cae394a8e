using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests.Subspaces;

public sealed class PartitionTests
{
    [Theory]
    [InlineData(new[] { 3, 2 }, "5 dimensions but d_model is 6")]
    [InlineData(new[] { 6, 0 }, "at least one dimension")]
    [InlineData(new int[0], "at least one dimension")]
    public void Sizes_that_do_not_cover_the_stream_are_refused(int[] sizes, string message)
    {
        using var scope = NewDisposeScope();

        var error = Assert.Throws<ArgumentException>(() => new Partition(null, eye(6), sizes, zeros(6), eye(6)));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rotation_that_is_not_orthogonal_is_refused()
    {
        using var scope = NewDisposeScope();

        var error = Assert.Throws<ArgumentException>(() => new Partition(null, 1.001f * eye(4), [2, 2], zeros(4), eye(4)));
        Assert.Throws<ArgumentException>(() => new Partition(null, full([4, 4], float.NaN), [2, 2], zeros(4), eye(4)));

        Assert.Contains("not orthogonal", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        using var scope = NewDisposeScope();

        Assert.Throws<ArgumentException>(() => new Partition(null, zeros(4, 3), [2, 2], zeros(4), eye(4)));
        Assert.Throws<ArgumentException>(() => new Partition(null, eye(4), [2, 2], zeros(3), eye(4)));
        Assert.Throws<ArgumentException>(() => new Partition(null, eye(4), [2, 2], zeros(4), eye(3)));
    }

    [Fact]
    public void Variances_add_up_to_the_total_variance()
    {
        using var scope = NewDisposeScope();
        using var partition = Random(7, [4, 2, 1]);

        var variances = partition.Variances();

        Near.Equal(partition.Covariance.trace().item<double>(), variances.Sum(), 1e-12);
        for (var unit = 0; unit < 3; unit++)
            Near.Equal(partition.Basis(unit).T.matmul(partition.Covariance).matmul(partition.Basis(unit)).trace().item<double>(), variances[unit], 1e-12);
    }

    [Fact]
    public void Bases_in_order_are_the_columns_of_the_rotation()
    {
        using var scope = NewDisposeScope();
        using var partition = Random(7, [4, 2, 1]);

        Near.Equal(partition.R, cat([partition.Basis(0), partition.Basis(1), partition.Basis(2)], dim: 1), 0);
    }

    [Fact]
    public void BlockMask_is_one_where_the_condition_holds()
    {
        using var scope = NewDisposeScope();
        using Partition read = Random(3, [2, 1]), write = Random(4, [1, 3]);

        var mask = Partition.BlockMask(read, write, (i, k) => i == 0 && k == 1);

        Near.Equal(tensor(new double[] { 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0 }, [3, 4]), mask, 0);
    }

    [Fact]
    public void ColumnMask_is_one_on_the_columns_of_the_chosen_subspaces()
    {
        using var scope = NewDisposeScope();
        using var partition = Random(7, [4, 2, 1]);

        var mask = Partition.ColumnMask(partition, unit => unit != 1);

        Near.Equal(tensor(new double[] { 1, 1, 1, 1, 0, 0, 1 }), mask.flatten(), 0);
    }

    [Fact]
    public void BlockSums_sum_every_block()
    {
        using var scope = NewDisposeScope();
        using Partition read = Random(3, [2, 1]), write = Random(4, [1, 3]);
        var matrix = arange(12, dtype: float64).reshape(3, 4);

        var sums = Partition.BlockSums(matrix, read, write);

        Near.Equal(new double[,] { { 0 + 4, 1 + 2 + 3 + 5 + 6 + 7 }, { 8, 9 + 10 + 11 } }, sums, 0);
    }

    private static Partition Random(int dModel, int[] sizes)
    {
        var generator = new Generator((ulong)dModel);
        var factor = randn(dModel, dModel, dtype: float64, generator: generator);
        return new Partition(null, Rotation.Random(dModel, generator, ScalarType.Float64), sizes, zeros(dModel, dtype: float64), factor.matmul(factor.T));
    }
}
