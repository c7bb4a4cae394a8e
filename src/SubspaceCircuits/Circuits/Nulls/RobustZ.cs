namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>
/// Distance from the median in robust standard deviations, <c>(x − median)/(1.4826 · MAD)</c>, so that the few special values do not hide each other (Iglewicz and
/// Hoaglin 1993). Where more than half of the values are equal the mean absolute deviation stands in, <c>1.2533 · mean |x − median|</c>; 0 where all are.
/// </summary>
public static class RobustZ
{
    /// <summary>Of every value among all.</summary>
    public static double[] Of(IReadOnlyList<double> values)
    {
        var median = Median(values);
        double[] distances = [.. values.Select(value => Math.Abs(value - median))];
        var deviation = 1.482602218505602 * Median(distances);
        if (deviation == 0 && distances.Length > 0)
            deviation = Math.Sqrt(Math.PI / 2) * distances.Average();
        return [.. values.Select(value => deviation > 0 ? (value - median) / deviation : 0)];
    }

    /// <summary>Of every block of every head, among the same blocks of all heads. Energies are best given as shares of each head's total.</summary>
    /// <param name="tables">Of every head, all of one shape. [subspace, subspace]</param>
    /// <returns>Of every head. [subspace, subspace]</returns>
    public static double[][,] Across(IReadOnlyList<double[,]> tables)
    {
        double[][,] result = [.. tables.Select(table => new double[table.GetLength(0), table.GetLength(1)])];
        for (var i = 0; i < result[0].GetLength(0); i++)
        {
            for (var k = 0; k < result[0].GetLength(1); k++)
            {
                var z = Of([.. tables.Select(table => table[i, k])]);
                for (var head = 0; head < result.Length; head++)
                    result[head][i, k] = z[head];
            }
        }

        return result;
    }

    private static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? 0 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
