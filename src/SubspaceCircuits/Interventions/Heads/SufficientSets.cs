namespace SubspaceCircuits.Interventions.Heads;

/// <summary>The smallest sets of heads that suffice: with all other heads ablated, match accuracy is at least the threshold.</summary>
/// <param name="Threshold">Least match accuracy.</param>
/// <param name="Sets">All sufficient sets of the least size that were found, in the order of their heads.</param>
/// <param name="Found">Size that the heuristic found; never less than the least.</param>
/// <param name="IsExhaustive">Whether every smaller set and every set of this size was tried: then the size is the least, and no set is missing.</param>
public sealed record SufficientSets(double Threshold, IReadOnlyList<HeadSet> Sets, int Found, bool IsExhaustive)
{
    /// <summary>Size of the sets.</summary>
    public int Size => Sets[0].Count;

    /// <summary>Whether the heuristic found the least size; null where not every set was tried.</summary>
    public bool? IsHeuristicOptimal => IsExhaustive ? Found == Size : null;
}

/// <summary>Searches the smallest sufficient sets of heads.</summary>
/// <remarks>
/// <para>
/// Heuristic: a beam of sets from all heads downwards, each step leaves out one head, and only sufficient sets go on; a beam from no head
/// upwards, until a set suffices; from the smaller of both results, a set one smaller is looked for by leaving out one head or leaving out
/// two and taking in another, as long as that succeeds; at last, sets of the same size are joined by exchanging one head. Sets are ranked by
/// match accuracy, then by divergence.
/// </para>
/// <para>
/// Sufficiency need not be monotone (a head may repair what ablating another breaks), so the heuristic can miss the optimum. Up to
/// <see cref="MostHeads"/> heads all sets are tried, small ones first, up to the least size at which one suffices: that size is proven.
/// </para>
/// </remarks>
/// <param name="heads">How many heads there are.</param>
/// <param name="measure">Measures sets of <b>kept</b> heads; called with many sets at once.</param>
public sealed class SufficientSetSearch(int heads, Func<IReadOnlyList<HeadSet>, IReadOnlyList<HeadSetMeasure>> measure)
{
    /// <summary>Heads up to which all sets are tried: 4096.</summary>
    public const int MostHeads = 12;

    private const int Beam = 4;

    /// <summary>Searches the smallest sets for one threshold.</summary>
    public SufficientSets Run(double threshold)
    {
        var found = Heuristic(threshold);
        if (heads > MostHeads)
            return new SufficientSets(threshold, found, found[0].Count, IsExhaustive: false);
        for (var size = 0; ; size++)
        {
            var sufficient = Sufficient(OfSize(size), threshold);
            if (sufficient.Count > 0)
                return new SufficientSets(threshold, sufficient, found[0].Count, IsExhaustive: true);
        }
    }

    /// <summary>The smallest sufficient sets that the heuristic alone finds.</summary>
    public IReadOnlyList<HeadSet> Heuristic(double threshold)
    {
        var down = Downwards(threshold);
        var up = Upwards(threshold, down[0].Count);
        var best = up.Count > 0 && up[0].Count < down[0].Count ? up : down;
        while (best[0].Count > 0 && Sufficient(best.SelectMany(OneSmaller), threshold) is { Count: > 0 } smaller)
            best = smaller;
        return Exchanged(best, threshold);
    }

    private List<HeadSet> Downwards(double threshold)
    {
        List<HeadSet> best = [HeadSet.All(heads)];
        while (Sufficient(best.SelectMany(set => set.Members().Select(set.Without)), threshold) is { Count: > 0 } smaller)
            best = [.. smaller.Take(Beam)];
        return best;
    }

    /// <summary>Sufficient sets smaller than a limit, or none.</summary>
    private List<HeadSet> Upwards(double threshold, int limit)
    {
        List<HeadSet> beam = [default];
        for (var size = 0; size < limit; size++)
        {
            var sufficient = Sufficient(beam, threshold);
            if (sufficient.Count > 0)
                return sufficient;
            beam = [.. Ranked(beam.SelectMany(Larger)).Take(Beam).Select(pair => pair.Set)];
        }

        return [];
    }

    private List<HeadSet> Exchanged(IReadOnlyList<HeadSet> sets, double threshold)
    {
        HashSet<HeadSet> seen = [.. sets];
        for (IReadOnlyList<HeadSet> edge = sets; edge.Count > 0;)
            edge = [.. Sufficient(edge.SelectMany(set => set.Members().SelectMany(head => Larger(set.Without(head)))), threshold).Where(seen.Add)];
        return [.. seen.Order(HeadSet.ByLayer)];
    }

    private IEnumerable<HeadSet> Larger(HeadSet set) => HeadSet.All(heads).Except(set).Members().Select(set.With);

    private IEnumerable<HeadSet> OneSmaller(HeadSet set) => set.Members().SelectMany(out1 =>
        set.Without(out1).Members().SelectMany(out2 => Larger(set.Without(out1).Without(out2))).Append(set.Without(out1)));

    private IEnumerable<HeadSet> OfSize(int size)
    {
        IEnumerable<HeadSet> sets = [default];
        for (var i = 0; i < size; i++)
            sets = sets.SelectMany(set => Enumerable.Range(0, heads).Where(head => set.Bits >> head == 0).Select(set.With));
        return sets;
    }

    /// <summary>Those that suffice, best first.</summary>
    private List<HeadSet> Sufficient(IEnumerable<HeadSet> sets, double threshold) =>
        [.. Ranked(sets).Where(pair => pair.Measure.MatchAccuracy >= threshold).Select(pair => pair.Set)];

    private IEnumerable<(HeadSet Set, HeadSetMeasure Measure)> Ranked(IEnumerable<HeadSet> sets)
    {
        HeadSet[] distinct = [.. sets.Distinct()];
        return distinct.Zip(measure(distinct)).OrderByDescending(pair => pair.Second.MatchAccuracy).ThenBy(pair => pair.Second.Kl).ThenBy(pair => pair.First, HeadSet.ByLayer);
    }
}
