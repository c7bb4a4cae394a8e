namespace SubspaceCircuits.Interventions.Heads;

/// <summary>What the smallest sufficient sets and the ablations of single heads and pairs say of a head, for one threshold.</summary>
public enum HeadVerdict
{
    /// <summary>It is in every one of the smallest sufficient sets.</summary>
    Needed,

    /// <summary>Not needed, but in some of the smallest sufficient sets, or harmless alone and harmful together with another head that is harmless alone.</summary>
    Redundant,

    /// <summary>In none of those sets, and ablating it does nothing beyond tolerance, alone or beside any other head.</summary>
    Unused,

    /// <summary>
    /// In none of those sets, but not without effect. Ablating it alone may even be harmful where the sets do without it: then heads that rely on
    /// it are worse than no heads.
    /// </summary>
    Dispensable,
}

/// <summary>The verdict on a head and what it rests on.</summary>
/// <param name="Threshold">Least match accuracy that suffices.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="IsHarmfulAlone">Ablating it alone brings match accuracy below the threshold.</param>
/// <param name="InSets">In how many of the smallest sufficient sets it is.</param>
/// <param name="OfSets">How many there are.</param>
/// <param name="HarmfulWith">Heads harmless alone, as it is, with which together it is harmful; the most super-additive divergence first.</param>
/// <param name="SwapsWith">Heads that can take its place in one of those sets.</param>
public sealed record HeadVerdictAt(double Threshold, HeadVerdict Verdict, bool IsHarmfulAlone, int InSets, int OfSets, IReadOnlyList<string> HarmfulWith, IReadOnlyList<string> SwapsWith);

/// <summary>Gives the verdicts, from measures on one set of samples.</summary>
/// <param name="heads">How many heads there are.</param>
/// <param name="alone">The model with one head ablated.</param>
/// <param name="pair">The model with two heads ablated.</param>
/// <param name="nameOf">Name of a head by its number.</param>
/// <param name="settings">Gives the tolerances.</param>
internal sealed class HeadJudge(int heads, Func<int, HeadSetMeasure> alone, Func<int, int, HeadSetMeasure> pair, Func<int, string> nameOf, HeadRedundancySettings settings)
{
    public HeadVerdictAt Judge(int head, SufficientSets found)
    {
        bool IsHarmless(int other) => alone(other).MatchAccuracy >= found.Threshold;
        int[] others = [.. Enumerable.Range(0, heads).Where(other => other != head)];
        int[] harmfulWith = [.. others.Where(other => IsHarmless(head) && IsHarmless(other) && pair(head, other).MatchAccuracy < found.Threshold)
            .OrderByDescending(other => pair(head, other).Kl - alone(head).Kl - alone(other).Kl)];
        int[] swapsWith = [.. others.Where(other => found.Sets.Any(set => set.Has(head) && !set.Has(other) && found.Sets.Contains(set.Without(head).With(other))))];
        var inSets = found.Sets.Count(set => set.Has(head));
        var verdict = inSets == found.Sets.Count ? HeadVerdict.Needed
            : inSets > 0 || harmfulWith.Length > 0 ? HeadVerdict.Redundant
            : HasNoEffect(head, others) ? HeadVerdict.Unused : HeadVerdict.Dispensable;
        return new HeadVerdictAt(found.Threshold, verdict, !IsHarmless(head), inSets, found.Sets.Count, [.. harmfulWith.Select(nameOf)], [.. swapsWith.Select(nameOf)]);
    }

    /// <summary>Beside another head, what counts is what ablating this one adds; large divergences are compared relatively.</summary>
    private bool HasNoEffect(int head, int[] others)
    {
        bool Adds(HeadSetMeasure with, double match, double kl) => match - with.MatchAccuracy > settings.MatchTolerance
            || Math.Abs(with.Kl - kl) > Math.Max(settings.KlTolerance, settings.RelativeTolerance * kl);
        return !Adds(alone(head), 1, 0) && !others.Any(other => Adds(pair(head, other), alone(other).MatchAccuracy, alone(other).Kl));
    }
}
