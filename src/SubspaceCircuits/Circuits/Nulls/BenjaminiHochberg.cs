namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>Many tests at once: the share of false ones among those found (Benjamini and Hochberg 1995).</summary>
public static class BenjaminiHochberg
{
    /// <summary>
    /// Of every p-value the least false discovery rate at which it is found, <c>min over j ≥ rank of p_(j) · n/j</c>. Finding all that have at most q keeps the expected
    /// share of false ones at q or below, for tests that are independent or positively dependent.
    /// </summary>
    /// <param name="p">p-values, in any order.</param>
    /// <returns>In the same order.</returns>
    public static double[] Adjusted(IReadOnlyList<double> p)
    {
        int[] order = [.. Enumerable.Range(0, p.Count).OrderByDescending(index => p[index])];
        var adjusted = new double[p.Count];
        var least = 1.0;
        for (var position = 0; position < order.Length; position++)
        {
            least = Math.Min(least, p[order[position]] * p.Count / (p.Count - position));
            adjusted[order[position]] = least;
        }

        return adjusted;
    }
}
