using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests.Subspaces;

public sealed class ExplainedVarianceTests
{
    [Fact]
    public void Shares_are_those_of_the_analysis_of_variance()
    {
        // First dimension: group means ±1, within a group ±½, so η² = 1/1.25. Second: the same in both groups. Third: the group.
        using var scope = NewDisposeScope();
        var rows = tensor(new float[]
        {
            1.5f, 3, 7, 0.5f, 4, 7, 1.5f, 3, 7, 0.5f, 4, 7,
            -1.5f, 3, -1, -0.5f, 4, -1, -1.5f, 3, -1, -0.5f, 4, -1,
        }, [8, 3]);
        using var partition = Identity(3, [1, 1, 1]);

        var shares = ExplainedVariance.Shares(rows, [5, 5, 5, 5, 9, 9, 9, 9], partition);

        Near.Equal(1 - 0.2 * 7 / 6, shares[0], 1e-12);
        Near.Equal(0, shares[1], 1e-12);
        Near.Equal(1, shares[2], 1e-12);
    }

    [Fact]
    public void Dimensions_of_a_subspace_count_by_their_variance()
    {
        using var scope = NewDisposeScope();
        // Sums of squares: first dimension 4 · 9 between groups, second 4 · 1 within.
        var rows = tensor(new float[] { 3, 1, 3, -1, -3, 1, -3, -1 }, [4, 2]);
        using var partition = Identity(2, [2]);

        var share = ExplainedVariance.Shares(rows, [0, 0, 1, 1], partition)[0];

        Near.Equal(1 - 0.1 * 3 / 2, share, 1e-12);
    }

    [Fact]
    public void A_variable_that_says_nothing_explains_nothing()
    {
        using var scope = NewDisposeScope();
        var rows = randn(4000, 4, generator: new Generator(1));
        var values = randint(40, [4000], dtype: int64, generator: new Generator(2)).data<long>().ToArray();
        using var partition = Identity(4, [3, 1]);

        var shares = ExplainedVariance.Shares(rows, values, partition);

        Assert.All(shares, share => Assert.InRange(share, 0, 0.01)); // uncorrected it would be 39/4000, about .01, on average
    }

    [Fact]
    public void Rows_without_a_value_are_left_out()
    {
        using var scope = NewDisposeScope();
        var rows = tensor(new float[] { 1, 1, -1, -1, 500, -900 }, [6, 1]);
        using var partition = Identity(1, [1]);

        Near.Equal(1, ExplainedVariance.Shares(rows, [0, 0, 1, 1, -1, -1], partition)[0], 1e-12);
    }

    [Theory]
    [InlineData(new long[] { 3, 3, 3, 3 })]
    [InlineData(new long[] { -1, -1, -1, 3 })]
    [InlineData(new long[] { 0, 1, 2, 3 })]
    public void One_value_or_as_many_as_rows_explain_nothing(long[] values)
    {
        using var scope = NewDisposeScope();
        using var partition = Identity(2, [1, 1]);

        Assert.Equal([0, 0], ExplainedVariance.Shares(randn(4, 2, generator: new Generator(3)), values, partition));
    }

    private static Partition Identity(int dModel, int[] sizes) => new(null, eye(dModel), sizes, zeros(dModel), eye(dModel));
}
