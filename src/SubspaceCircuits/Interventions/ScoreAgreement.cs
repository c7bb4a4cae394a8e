using SubspaceCircuits.Circuits;

namespace SubspaceCircuits.Interventions;

/// <summary>
/// How far scores that need no intervention predict the effect of one: Spearman's rank correlation with the effect, over the measured edges of a family. Null
/// where it is undefined.
/// </summary>
/// <param name="Kind">The family; null for all together.</param>
/// <param name="Edges">Edges measured.</param>
/// <param name="Energy">Of score A, the share of the energy: weights alone.</param>
/// <param name="Variance">Of score B, its share of the variance that arrives at its target.</param>
/// <param name="Nats">Of score C, effectiveness.</param>
public sealed record ScoreAgreement(EdgeKind? Kind, int Edges, double? Energy, double? Variance, double? Nats)
{
    /// <summary>By family, for edges whose effect was measured.</summary>
    /// <param name="edges">Edges with all four scores; those without an effect are left out.</param>
    public static IReadOnlyList<ScoreAgreement> ByFamily(IEnumerable<CircuitEdge> edges)
    {
        CircuitEdge[] measured = [.. edges.Where(edge => edge.Scores.Effect is not null)];
        return [.. measured.GroupBy(edge => edge.Kind).OrderBy(family => family.Key).Select(family => Of(family.Key, [.. family])), Of(null, measured)];
    }

    private static ScoreAgreement Of(EdgeKind? kind, CircuitEdge[] members)
    {
        double[] effects = [.. members.Select(edge => edge.Scores.Effect!.Value)];
        double? With(Func<EdgeScores, double?> score) =>
            members.Select(edge => score(edge.Scores)).ToArray() is var scores && scores.All(value => value is not null) ? Spearman([.. scores.OfType<double>()], effects) : null;
        return new ScoreAgreement(kind, members.Length, With(scores => scores.EnergyShare), With(scores => scores.VarianceShare), With(scores => scores.Nats));
    }

    /// <summary>Pearson's correlation of the ranks, ties sharing their mean rank; null for fewer than three pairs or where one side is constant.</summary>
    public static double? Spearman(IReadOnlyList<double> one, IReadOnlyList<double> two)
    {
        if (one.Count < 3)
            return null;
        var (a, b) = (Ranks(one), Ranks(two));
        var mean = (one.Count - 1) / 2.0;
        var (covariance, varianceA, varianceB) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            covariance += (a[i] - mean) * (b[i] - mean);
            varianceA += (a[i] - mean) * (a[i] - mean);
            varianceB += (b[i] - mean) * (b[i] - mean);
        }

        return varianceA > 0 && varianceB > 0 ? covariance / Math.Sqrt(varianceA * varianceB) : null;
    }

    private static double[] Ranks(IReadOnlyList<double> values)
    {
        var order = Enumerable.Range(0, values.Count).OrderBy(i => values[i]).ToArray();
        var ranks = new double[order.Length];
        for (var from = 0; from < order.Length;)
        {
            var to = from;
            while (to + 1 < order.Length && values[order[to + 1]] == values[order[from]])
                to++;
            for (var at = from; at <= to; at++)
                ranks[order[at]] = (from + to) / 2.0;
            from = to + 1;
        }

        return ranks;
    }
}
