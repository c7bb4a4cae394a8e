namespace SubspaceCircuits.Interventions;

/// <summary>How much a choice of edges depends on the samples that it was made from.</summary>
public static class BootstrapStability
{
    /// <summary>Mean Jaccard index <c>|A ∩ B|/|A ∪ B|</c> of what is chosen on bootstrap samples with what is chosen on all samples.</summary>
    /// <param name="samples">How many samples there are.</param>
    /// <param name="choose">From how often each sample counts to what is chosen.</param>
    /// <param name="resamples">Bootstrap samples, at least 1.</param>
    /// <param name="random">Draws them.</param>
    public static double Of<T>(int samples, Func<int[], IReadOnlySet<T>> choose, int resamples, Random random)
    {
        var all = choose([.. Enumerable.Repeat(1, samples)]);
        return Enumerable.Range(0, resamples).Average(_ =>
        {
            var counts = new int[samples];
            for (var draw = 0; draw < samples; draw++)
                counts[random.Next(samples)]++;
            return Jaccard(all, choose(counts));
        });
    }

    /// <summary>Jaccard index of two sets; 1 for two empty ones.</summary>
    public static double Jaccard<T>(IReadOnlySet<T> one, IReadOnlySet<T> two)
    {
        var common = one.Count(two.Contains);
        var union = one.Count + two.Count - common;
        return union == 0 ? 1 : (double)common / union;
    }

    /// <summary>Means of the columns. [sample][edge] to [edge]</summary>
    public static double[] Means(IReadOnlyList<double[]> rows) => Means(rows, [.. Enumerable.Repeat(1, rows.Count)]);

    /// <summary>Weighted means of the columns. [sample][edge] to [edge]</summary>
    public static double[] Means(IReadOnlyList<double[]> rows, IReadOnlyList<int> counts)
    {
        var means = new double[rows[0].Length];
        var total = (double)counts.Sum();
        for (var sample = 0; sample < rows.Count; sample++)
        {
            for (var edge = 0; counts[sample] > 0 && edge < means.Length; edge++)
                means[edge] += rows[sample][edge] * counts[sample] / total;
        }

        return means;
    }
}
