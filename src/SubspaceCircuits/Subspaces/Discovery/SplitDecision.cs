namespace SubspaceCircuits.Subspaces.Discovery;

/// <summary>Decides which cuts of a tree are made.</summary>
public interface ISplitDecision
{
    /// <summary>Dependence below which a cut is always made, so that no better one need be sought.</summary>
    double LeastDependence { get; }

    /// <summary>Dependence from which on a cut is never made, so that its parts need not be looked into.</summary>
    double MostDependence { get; }

    /// <summary>Gives every node its verdict.</summary>
    SplitNode Decide(SplitNode root);
}

/// <summary>
/// A cut is made when its parts tell next to nothing about each other, or little, and less than their own parts do: when they are better separated than they
/// hold together. Decided from the leaves up.
/// </summary>
public sealed record RelativeDecision : ISplitDecision
{
    /// <inheritdoc/>
    public double LeastDependence { get; init; } = 0.03;

    /// <inheritdoc/>
    public double MostDependence { get; init; } = 0.25;

    /// <summary>A cut between the two is made when its dependence is less than this share of the least within a part that stays whole. Default 0.6.</summary>
    public double Ratio { get; init; } = 0.6;

    /// <inheritdoc/>
    public SplitNode Decide(SplitNode root)
    {
        if (root.IsLoose)
            return root with { Verdict = SplitVerdict.Whole, Reason = "no structure: Gaussian, and independent of the others" };
        if (root.Best is not { } best)
            return root with { Verdict = SplitVerdict.Whole, Reason = "one direction" };
        var share = best.Dependence.Share;
        if (root.Children.Count == 0)
        {
            return share < MostDependence
                ? root with { Verdict = SplitVerdict.Whole, Reason = $"its parts share {share:0.000}, and are too small to stand alone" }
                : root with { Verdict = SplitVerdict.Whole, Limit = MostDependence, Reason = $"its parts share {share:0.000}, not less than {MostDependence}" };
        }

        SplitNode[] children = [.. root.Children.Select(Decide)];
        var cohesion = children.Where(child => child.Verdict is SplitVerdict.Whole && !child.IsLoose).Select(child => child.Best?.Dependence.Share ?? 1).DefaultIfEmpty(double.PositiveInfinity).Min();
        var limit = Math.Max(LeastDependence, Math.Min(MostDependence, Ratio * cohesion));
        var reason = share < LeastDependence ? $"its parts share {share:0.000}, less than {LeastDependence}"
            : double.IsInfinity(cohesion) ? $"its parts share {share:0.000}, and are cut themselves"
            : $"its parts share {share:0.000}, {(share < limit ? "less" : "not less")} than {Ratio} of the {cohesion:0.000} within them";
        return root with { Children = children, Verdict = share < limit ? SplitVerdict.Split : SplitVerdict.Whole, Limit = limit, Reason = reason };
    }
}
