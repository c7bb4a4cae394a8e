using SubspaceCircuits.Scores.Measures;

namespace SubspaceCircuits.Tests.Scores.Measures;

public sealed class AssignmentTests
{
    private const double Rounding = 1e-9;

    [Fact]
    public void Best_gives_up_the_greatest_weight_when_that_pays()
    {
        // 9 + 1 < 8 + 7
        Assert.Equal([1, 0], Assignment.Best(new double[,] { { 9, 8 }, { 7, 1 } }));
    }

    [Fact]
    public void Row_left_over_has_no_column()
    {
        Assert.Equal([null, 0, null], Assignment.Best(new double[,] { { 1 }, { 3 }, { 2 } }));
        Assert.Equal([2], Assignment.Best(new double[,] { { 1, 2, 3 } }));
        Assert.Equal([null, null], Assignment.Best(new double[2, 0]));
        Assert.Empty(Assignment.Best(new double[0, 2]));
    }

    [Fact]
    public void Best_is_as_good_as_the_best_of_all_assignments()
    {
        var random = new Random(1);
        for (var trial = 0; trial < 300; trial++)
        {
            // Every third table has many ties, and negative weights.
            Func<double> draw = trial % 3 == 0 ? () => random.Next(-2, 3) : random.NextDouble;
            var weights = Table(random.Next(1, 7), random.Next(1, 7), draw);

            var columns = Assignment.Best(weights);

            var taken = columns.OfType<int>().ToArray();
            Assert.Equal(Math.Min(weights.GetLength(0), weights.GetLength(1)), taken.Distinct().Count());
            Assert.Equal(taken.Length, taken.Distinct().Count());
            Assert.Equal(BestTotal(weights, 0, 0), columns.Select((column, row) => column is { } j ? weights[row, j] : 0).Sum(), Rounding);
        }
    }

    private static double[,] Table(int rows, int columns, Func<double> draw)
    {
        var table = new double[rows, columns];
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
                table[i, j] = draw();
        }

        return table;
    }

    /// <summary>The greatest total of the rows from one on, as many as possible of them assigned.</summary>
    private static double BestTotal(double[,] weights, int row, int taken)
    {
        var (rows, columns) = (weights.GetLength(0), weights.GetLength(1));
        if (row == rows)
            return 0;
        var best = double.NegativeInfinity;
        if (int.PopCount(taken) + rows - row > columns)
            best = BestTotal(weights, row + 1, taken); // more rows than columns are left: this one may go without
        for (var column = 0; column < columns; column++)
        {
            if ((taken & (1 << column)) == 0)
                best = Math.Max(best, weights[row, column] + BestTotal(weights, row + 1, taken | (1 << column)));
        }

        return best;
    }
}
