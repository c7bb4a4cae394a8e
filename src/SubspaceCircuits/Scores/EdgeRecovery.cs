using SubspaceCircuits.Scores.Measures;

namespace SubspaceCircuits.Scores;

/// <summary>
/// Scores a predicted circuit against the true one over a stated universe of candidate edges, or of nodes (Conmy et al. 2023, section 4; Gupta et al. 2024).
/// </summary>
/// <remarks>
/// <para>Candidates of one redundancy group count as one: true if any is, predicted if any is, with the greatest score. So any part of a group will do.</para>
/// <para>
/// Edges are sparse, which drives AUROC to its ceiling: read it beside AUPRC and the chance levels. Where nothing is true, recall, AUROC and AUPRC are
/// undefined (null), F1 is 1 for an empty prediction and else 0, and SHD still counts. An empty universe scores as a right answer, at no rate.
/// </para>
/// </remarks>
public static class EdgeRecovery
{
    /// <summary>Scores a prediction, and random ones.</summary>
    /// <param name="candidates">The whole universe, predicted or not.</param>
    /// <param name="draws">Random score vectors for the chance levels, at least 1.</param>
    /// <param name="seed">Seed of the random score vectors.</param>
    /// <exception cref="ArgumentException">Ids repeat or a score is not finite.</exception>
    public static EdgeRecoveryScores Of(IReadOnlyList<Candidate> candidates, int draws = 400, int seed = 0)
    {
        Check(candidates, draws);
        var units = WithGroupsAsOne(candidates);
        var prediction = Confusion.Of(units.Select(unit => (unit.IsTrue, unit.IsPredicted)));
        var ranking = Ranking.Of(units.Select(unit => (unit.Score, unit.IsTrue)));

        var random = RandomAnswers(prediction, draws, new Random(seed));
        ChanceLevel? Chance(double? figure, Func<Ranking, double?> of) =>
            figure is { } value ? ChanceLevel.Of(value, [.. random.Select(answer => of(answer.Ranking)!.Value)]) : null;
        return new EdgeRecoveryScores(prediction, ranking, ChanceLevel.Of(prediction.F1, [.. random.Select(answer => answer.Prediction.F1)]),
            Chance(ranking.Auroc, answer => answer.Auroc), Chance(ranking.Auprc, answer => answer.Auprc));
    }

    private static Candidate[] WithGroupsAsOne(IReadOnlyList<Candidate> candidates) =>
    [
        .. candidates.Where(candidate => candidate.RedundancyGroup is null),
        .. candidates.Where(candidate => candidate.RedundancyGroup is not null).GroupBy(candidate => candidate.RedundancyGroup!)
            .Select(group => new Candidate(group.Key, group.Any(member => member.IsTrue), group.Max(member => member.Score), group.Any(member => member.IsPredicted))),
    ];

    /// <summary>Random scores put the truth in random order; the first of it are the random prediction of as many candidates.</summary>
    private static (Confusion Prediction, Ranking Ranking)[] RandomAnswers(Confusion prediction, int draws, Random random)
    {
        var positives = prediction.TruePositives + prediction.FalseNegatives;
        bool[] truth = [.. Enumerable.Range(0, prediction.Universe).Select(i => i < positives)];
        var predicted = prediction.TruePositives + prediction.FalsePositives;
        return [.. Enumerable.Range(0, draws).Select(_ =>
        {
            random.Shuffle(truth);
            var hits = truth.Take(predicted).Count(isTrue => isTrue);
            return (new Confusion(hits, predicted - hits, positives - hits, truth.Length - predicted - positives + hits), Ranking.OfOrder(truth));
        })];
    }

    private static void Check(IReadOnlyList<Candidate> candidates, int draws)
    {
        if (draws < 1)
            throw new ArgumentException($"Draws ({draws}) should be at least 1.");
        if (candidates.GroupBy(candidate => candidate.Id).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Two candidates have the id '{twice.Key}'.");
        if (candidates.FirstOrDefault(candidate => !double.IsFinite(candidate.Score)) is { } odd)
            throw new ArgumentException($"The score of '{odd.Id}' is {odd.Score}. Scores should be finite; give what is never predicted the least score of all.");
    }
}
