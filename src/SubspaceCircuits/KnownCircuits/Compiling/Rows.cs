namespace SubspaceCircuits.KnownCircuits.Compiling;

/// <summary>A matrix that grows row by row; written into a tensor at the end.</summary>
/// <param name="width">Columns.</param>
internal sealed class Rows(int width)
{
    private readonly List<double[]> _rows = [];

    public int Count => _rows.Count;

    /// <summary>Adds a row that is zero but for these columns; the same column twice adds up.</summary>
    public void Add(IEnumerable<(int Column, double Value)> entries)
    {
        var row = new double[width];
        foreach (var (column, value) in entries)
            row[column] += value;
        _rows.Add(row);
    }

    /// <returns>[row, width], float64</returns>
    public Tensor Tensor() => tensor(_rows.SelectMany(row => row).ToArray(), [_rows.Count, width], dtype: float64);
}
