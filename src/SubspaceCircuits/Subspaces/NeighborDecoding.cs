namespace SubspaceCircuits.Subspaces;

/// <summary>How well a variable can be read off coordinates: does the nearest other row have the same value?</summary>
public static class NeighborDecoding
{
    private const int Chunk = 500;

    /// <summary>Share of rows whose nearest other row has their value (leave-one-out nearest-neighbour accuracy).</summary>
    /// <param name="coordinates">[row, d]</param>
    /// <param name="values">One for each row; rows with −1 are left out.</param>
    /// <param name="queries">Rows that are tried at most, from the first on.</param>
    /// <exception cref="ArgumentException">There are not as many values as rows.</exception>
    /// <returns>0 to 1; not a number when no row has a value.</returns>
    public static double Accuracy(Tensor coordinates, IReadOnlyList<long> values, int queries = 2000)
    {
        if (coordinates.shape[0] != values.Count)
            throw new ArgumentException($"There should be a value for each of {coordinates.shape[0]} rows, but there are {values.Count}.");
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        long[] kept = [.. Enumerable.Range(0, values.Count).Where(row => values[row] >= 0).Select(row => (long)row)];
        if (kept.Length < 2)
            return double.NaN;
        var rows = coordinates.index_select(0, tensor(kept)).to(float32);
        var own = tensor(kept.Select(row => values[(int)row]).ToArray());
        var squares = rows.square().sum(dim: 1);
        long right = 0;
        var tried = Math.Min(queries, kept.Length);
        for (var start = 0; start < tried; start += Chunk)
        {
            using var step = NewDisposeScope();
            var count = Math.Min(Chunk, tried - start);
            var distances = squares.unsqueeze(0) - 2 * rows.narrow(0, start, count).matmul(rows.T); // less the query's own square
            distances.scatter_(1, arange(start, start + count).unsqueeze(1), full([count, 1], float.PositiveInfinity));
            right += own.index_select(0, distances.argmin(1)).eq(own.narrow(0, start, count)).sum().item<long>();
        }

        return (double)right / tried;
    }
}
