namespace SubspaceCircuits.Scores.Measures;

/// <summary>How well a clustering agrees with classes, apart from which cluster is which (Rosenberg and Hirschberg 2007). All between 0 and 1.</summary>
/// <param name="Homogeneity"><c>1 − H(class | cluster) / H(class)</c>: clusters hold one class each; merged classes lower it.</param>
/// <param name="Completeness"><c>1 − H(cluster | class) / H(cluster)</c>: classes lie in one cluster each; split classes lower it.</param>
/// <param name="V">Harmonic mean of both; 0 when both are 0.</param>
public sealed record VMeasure(double Homogeneity, double Completeness, double V)
{
    /// <summary>Scores a contingency table. With one class, homogeneity is 1; with one cluster, completeness is 1.</summary>
    /// <param name="table">Mass that class and cluster share, none negative, not all 0. [class, cluster]</param>
    public static VMeasure Of(double[,] table)
    {
        double[] classes = new double[table.GetLength(0)], clusters = new double[table.GetLength(1)];
        for (var i = 0; i < classes.Length; i++)
        {
            for (var j = 0; j < clusters.Length; j++)
            {
                classes[i] += table[i, j];
                clusters[j] += table[i, j];
            }
        }

        // H(class | cluster) = H(class, cluster) − H(cluster)
        var (joint, ofClasses, ofClusters) = (Entropy(table.Cast<double>()), Entropy(classes), Entropy(clusters));
        var homogeneity = Share(joint - ofClusters, ofClasses);
        var completeness = Share(joint - ofClasses, ofClusters);
        var sum = homogeneity + completeness;
        return new VMeasure(homogeneity, completeness, sum > 0 ? 2 * homogeneity * completeness / sum : 0);
    }

    private static double Share(double conditional, double entropy) => entropy > 0 ? Math.Clamp(1 - (conditional / entropy), 0, 1) : 1;

    private static double Entropy(IEnumerable<double> masses)
    {
        double[] positive = [.. masses.Where(mass => mass > 0)];
        var total = positive.Sum();
        return -positive.Sum(mass => mass / total * Math.Log(mass / total));
    }
}
