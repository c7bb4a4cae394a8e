namespace SubspaceCircuits.Interventions;

/// <summary>Spearman's rank correlation.</summary>
public static class RankCorrelation
{
    /// <summary>Pearson's correlation of the ranks, those of equal values averaged; null where one side has no two different values.</summary>
    /// <param name="one">Values.</param>
    /// <param name="other">As many values.</param>
    public static double? Of(IReadOnlyList<double> one, IReadOnlyList<double> other)
    {
        var (a, b) = (Ranks(one), Ranks(other));
        var mean = (a.Length + 1) / 2.0;
        var (product, squareA, squareB) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            product += (a[i] - mean) * (b[i] - mean);
            squareA += (a[i] - mean) * (a[i] - mean);
            squareB += (b[i] - mean) * (b[i] - mean);
        }

        return squareA > 0 && squareB > 0 ? Math.Clamp(product / Math.Sqrt(squareA * squareB), -1, 1) : null;
    }

    private static double[] Ranks(IReadOnlyList<double> values)
    {
        var ranks = new double[values.Count];
        var before = 0;
        foreach (var tied in Enumerable.Range(0, values.Count).GroupBy(index => values[index]).OrderBy(group => group.Key))
        {
            var count = 0;
            foreach (var _ in tied)
                count++;
            foreach (var index in tied)
                ranks[index] = before + ((count + 1) / 2.0);
            before += count;
        }

        return ranks;
    }
}
