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
    private const int FewestEdges = 3;

    /// <summary>By family, for edges whose effect was measured.</summary>
    /// <param name="edges">Edges with all four scores; those without an effect are left out.</param>
    public static IReadOnlyList<ScoreAgreement> ByFamily(IEnumerable<CircuitEdge> edges)
    {
        CircuitEdge[] measured = [.. edges.Where(edge => edge.Scores.Effect is not null)];
        return [.. measured.GroupBy(edge => edge.Kind).OrderBy(family => family.Key).Select(family => Of(family.Key, [.. family])), Of(null, measured)];
    }

    private static ScoreAgreement Of(EdgeKind? kind, CircuitEdge[] members)
    {
        if (members.Length < FewestEdges)
            return new ScoreAgreement(kind, members.Length, null, null, null);
        double[] effects = [.. members.Select(edge => edge.Scores.Effect!.Value)];
        double? With(Func<CircuitEdge, double?> score) =>
            members.Select(score).ToArray() is var scores && scores.All(value => value is not null) ? RankCorrelation.Of([.. scores.OfType<double>()], effects) : null;
        return new ScoreAgreement(kind, members.Length, With(edge => edge.EnergyScore), With(edge => edge.Scores.VarianceShare), With(edge => edge.Scores.Nats));
    }
}
