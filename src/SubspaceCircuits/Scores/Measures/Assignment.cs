namespace SubspaceCircuits.Scores.Measures;

/// <summary>The assignment problem: each row gets a column of its own.</summary>
public static class Assignment
{
    /// <summary>
    /// The assignment of greatest total weight, exact, by shortest augmenting paths with potentials in O(n² m) (the Hungarian method, Kuhn 1955, in the
    /// form of Jonker and Volgenant 1987).
    /// </summary>
    /// <param name="weights">Weight of every pair, finite. [row, column]</param>
    /// <returns>The column of every row; null for the rows left over when there are more rows than columns. Among equal optima, any one. [row]</returns>
    public static int?[] Best(double[,] weights)
    {
        var (rows, columns) = (weights.GetLength(0), weights.GetLength(1));
        var columnOf = new int?[rows];
        if (rows <= columns)
        {
            foreach (var (row, column) in Pairs(rows, columns, (i, j) => -weights[i, j]))
                columnOf[row] = column;
        }
        else
        {
            foreach (var (column, row) in Pairs(columns, rows, (j, i) => -weights[i, j]))
                columnOf[row] = column;
        }

        return columnOf;
    }

    /// <summary>The cheapest assignment of all of the fewer rows. Column 0 is where each path starts: rows and columns count from 1, and row 0 is none.</summary>
    private static IEnumerable<(int Row, int Column)> Pairs(int rows, int columns, Func<int, int, double> cost)
    {
        var (rowPotential, columnPotential) = (new double[rows + 1], new double[columns + 1]);
        var rowOf = new int[columns + 1];
        for (var row = 1; row <= rows; row++)
        {
            rowOf[0] = row;
            Augment(rowOf, ShortestPath());
        }

        return Enumerable.Range(1, columns).Where(column => rowOf[column] > 0).Select(column => (rowOf[column] - 1, column - 1));

        // Dijkstra on reduced costs from column 0 to the nearest column without a row.
        (int[] Before, int End) ShortestPath()
        {
            var distance = Enumerable.Repeat(double.PositiveInfinity, columns + 1).ToArray();
            var (before, isDone) = (new int[columns + 1], new bool[columns + 1]);
            var at = 0;
            while (rowOf[at] > 0)
            {
                isDone[at] = true;
                var nearest = 0;
                for (var column = 1; column <= columns; column++)
                {
                    if (isDone[column])
                        continue;
                    var reduced = cost(rowOf[at] - 1, column - 1) - rowPotential[rowOf[at]] - columnPotential[column];
                    if (reduced < distance[column])
                        (distance[column], before[column]) = (reduced, at);
                    if (nearest == 0 || distance[column] < distance[nearest])
                        nearest = column;
                }

                Shift(distance, isDone, distance[nearest]);
                at = nearest;
            }

            return (before, at);
        }

        void Shift(double[] distance, bool[] isDone, double step)
        {
            for (var column = 0; column <= columns; column++)
            {
                if (isDone[column])
                {
                    rowPotential[rowOf[column]] += step;
                    columnPotential[column] -= step;
                }
                else
                {
                    distance[column] -= step;
                }
            }
        }
    }

    private static void Augment(int[] rowOf, (int[] Before, int End) path)
    {
        for (var column = path.End; column != 0; column = path.Before[column])
            rowOf[column] = rowOf[path.Before[column]];
    }
}
