using SubspaceCircuits.Circuits;

namespace SubspaceCircuits.Interventions;

/// <summary>
/// How far scores that need no intervention predict the effect of one: Spearman's rank correlation with the effect, over the measured edges of a family. Null
/// where it is undefined.
/// </summary>
/// <param name="Kind">The family.</param>
/// <param name="Edges">Edges measured.</param>
/// <param name="Energy">Of score A, the share of the energy: weights alone.</param>
/// <param name="Variance">Of score B, what the edge carries for typical activations.</param>
/// <param name="Nats">Of score C, effectiveness.</param>
public sealed record ScoreAgreement(EdgeKind Kind, int Edges, double? Energy, double? Variance, double? Nats)
{
    /// <summary>By family, for edges whose effect was measured.</summary>
    /// <param name="edges">Edges with all four scores; those without an effect are left out.</param>
    public static IReadOnlyList<ScoreAgreement> ByFamily(IEnumerable<CircuitEdge> edges) =>
    [
        .. edges.Where(edge => edge.Scores.Effect is not null).GroupBy(edge => edge.Kind).OrderBy(family => family.Key).Select(family =>
        {
            var (members, effects) = (family.ToArray(), family.Select(edge => edge.Scores.Effect!.Value).ToArray());
            double? Of(Func<EdgeScores, double> score) => Spearman([.. members.Select(edge => score(edge.Scores))], effects);
            return new ScoreAgreement(family.Key, members.Length, Of(scores => scores.EnergyShare), Of(scores => scores.Variance),
                members.All(edge => edge.Scores.Nats is not null) ? Of(scores => scores.Nats!.Value) : null);
        }),
    ];

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
