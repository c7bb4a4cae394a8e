namespace SubspaceCircuits.Scores.Measures;

/// <summary>How well scores put the true before the false, at every threshold: a candidate is predicted when its score reaches it.</summary>
/// <param name="Auroc">Chance that a true candidate scores above a false one, ties counted half (Mann-Whitney); null unless there are both.</param>
/// <param name="Auprc">Average precision, <c>Σ (R_n − R_n−1) P_n</c>; null when nothing is true.</param>
/// <param name="BestF1">Greatest F1 of any threshold; null when nothing is true.</param>
/// <param name="BestThreshold">The highest threshold that has it.</param>
public sealed record Ranking(double? Auroc, double? Auprc, double? BestF1, double? BestThreshold)
{
    /// <summary>Sweeps the threshold downwards. Candidates of the same score enter in one step, so their order does not matter.</summary>
    public static Ranking Of(IEnumerable<(double Score, bool IsTrue)> scored)
    {
        var steps = scored.GroupBy(candidate => candidate.Score, candidate => candidate.IsTrue).OrderByDescending(step => step.Key)
            .Select(step => (Threshold: step.Key, True: step.Count(isTrue => isTrue), False: step.Count(isTrue => !isTrue))).ToArray();
        return Of(steps, steps.Sum(step => step.True), steps.Sum(step => step.False));
    }

    /// <summary>The same for scores without ties: only their order counts.</summary>
    /// <param name="isTrue">Best first.</param>
    internal static Ranking OfOrder(IReadOnlyList<bool> isTrue)
    {
        var allTrue = isTrue.Count(one => one);
        return Of(isTrue.Select((one, rank) => (-(double)rank, one ? 1 : 0, one ? 0 : 1)), allTrue, isTrue.Count - allTrue);
    }

    private static Ranking Of(IEnumerable<(double Threshold, int True, int False)> steps, int allTrue, int allFalse)
    {
        if (allTrue == 0)
            return new Ranking(null, null, null, null);

        var (hits, misses) = (0, 0);
        var (pairs, precision, best) = (0.0, 0.0, (F1: -1.0, Threshold: 0.0));
        foreach (var step in steps)
        {
            pairs += step.True * (allFalse - misses - (step.False / 2.0));
            hits += step.True;
            misses += step.False;
            precision += step.True * hits / (double)(hits + misses);
            var f1 = 2.0 * hits / (hits + misses + allTrue);
            if (f1 > best.F1)
                best = (f1, step.Threshold);
        }

        return new Ranking(allFalse == 0 ? null : pairs / ((double)allTrue * allFalse), precision / allTrue, best.F1, best.Threshold);
    }
}
