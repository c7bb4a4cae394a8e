namespace SubspaceCircuits.Runs;

/// <summary>Matrices as lists of rows, as JSON has them.</summary>
internal static class Jagged
{
    /// <summary>The rows of a matrix.</summary>
    public static IReadOnlyList<IReadOnlyList<double>> Rows(double[,] matrix, Func<double, double>? of = null) =>
        [.. Enumerable.Range(0, matrix.GetLength(0)).Select(a => (IReadOnlyList<double>)[.. Enumerable.Range(0, matrix.GetLength(1)).Select(b => of is null ? matrix[a, b] : of(matrix[a, b]))])];
}
