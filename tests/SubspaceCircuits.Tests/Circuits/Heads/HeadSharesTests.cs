using SubspaceCircuits.Circuits.Heads;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits.Heads;

/// <summary>Shares of diagonals, offsets and positions.</summary>
public sealed class HeadSharesTests
{
    [Theory]
    [InlineData(5, 1)]
    [InlineData(7, 2)]
    [InlineData(9, 3)]
    public void Null_of_a_diagonal_is_that_of_random_orders_of_its_columns(int n, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(seed);
        var table = randn(n, n, dtype: float64, generator: generator) + 0.5 * randn(1, n, dtype: float64, generator: generator); // some columns are ahead of others
        const int Draws = 3000;

        var found = DiagonalShare.Of(table);

        double[] shares = [.. Enumerable.Range(0, Draws).Select(_ =>
        {
            using var step = NewDisposeScope();
            return DiagonalShare.Of(table.index_select(1, randperm(n, generator: generator))).Share;
        })];
        var mean = shares.Average();
        Near.Equal(found.Null, mean, 4 * found.NullDeviation / Math.Sqrt(Draws));
        Assert.InRange(found.NullDeviation, 0.01, 1.0 / n);
        Near.Equal(found.NullDeviation, Math.Sqrt(shares.Average(share => (share - mean) * (share - mean))), 0.1 * found.NullDeviation);
    }

    [Fact]
    public void Lead_is_over_the_greatest_other_entry()
    {
        using var scope = NewDisposeScope();

        var found = DiagonalShare.Of(tensor(new double[] { 5, 1, 3, 0, 4, 0, 2, 9, 8 }, [3, 3]));

        Assert.Equal((2.0 / 3, 5.0 / 3), (found.Share, found.Lead)); // leads 2, 4, −1
        Assert.Equal(0, DiagonalShare.Of(zeros(3, 3, dtype: float64)).Share); // ties are not found
    }

    [Fact]
    public void One_column_that_is_always_greatest_has_a_null_without_spread()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(0, DiagonalShare.Of(ones(4, 1, dtype: float64).matmul(tensor(new double[] { 0, 2, 1, 0 }).unsqueeze(0))).NullDeviation);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(-1)]
    public void Offsets_are_found(int offset)
    {
        using var scope = NewDisposeScope();
        const int Positions = 12;
        var scores = zeros(Positions - 1, Positions, dtype: float64); // the first query is position 1
        for (var query = 1; query < Positions; query++)
        {
            if (query - offset is >= 0 and < Positions)
                scores[query - 1, query - offset] = 7;
        }

        var found = PositionShares.Offset(scores);

        Assert.Equal((offset, 1.0, 7.0), (found.Key, found.Share, found.Lead));
    }

    [Fact]
    public void A_position_is_found_by_the_queries_that_see_it()
    {
        using var scope = NewDisposeScope();
        var scores = zeros(7, 8, dtype: float64);
        scores.select(1, 2).fill_(3);

        var found = PositionShares.Position(scores.masked_fill(ones(7, 8).triu(2).to(ScalarType.Bool), double.NegativeInfinity));

        Assert.Equal((2, 1.0, 3.0), (found.Key, found.Share, found.Lead));
        Assert.Equal(0, PositionShares.Position(zeros(7, 8, dtype: float64)).Share);
    }
}
