namespace SubspaceCircuits.Circuits.Heads;

/// <summary>How often the diagonal of a table is the greatest of its row.</summary>
/// <param name="Share">Share of rows.</param>
/// <param name="Lead">Mean of the diagonal less the greatest other entry.</param>
/// <param name="Null">Mean of the share over all orders of the columns' names, 1/n.</param>
/// <param name="NullDeviation">
/// Its standard deviation, <c>√(c/(n(n − 1)))/n</c> with c ordered pairs of rows whose greatest entries lie in different columns: where one column is the
/// greatest of all rows, the share is 1/n in every order.
/// </param>
internal sealed record DiagonalShare(double Share, double Lead, double Null, double NullDeviation)
{
    /// <summary>Of a square table.</summary>
    /// <param name="table">[row, column]</param>
    public static DiagonalShare Of(Tensor table)
    {
        using var scope = NewDisposeScope();
        var n = table.shape[0];
        var diagonal = table.diagonal();                                                                      // [row]
        var others = table.masked_fill(eye(n, dtype: ScalarType.Bool), double.NegativeInfinity).max(1).values; // [row]
        var lead = diagonal - others;
        var counts = table.argmax(1).bincount(null, n).to(float64);
        var different = ((double)n * n) - counts.square().sum().item<double>();
        return new DiagonalShare(lead.gt(0).to(float64).mean().item<double>(), lead.mean().item<double>(), 1.0 / n, Math.Sqrt(different / (n * (n - 1.0))) / n);
    }
}
