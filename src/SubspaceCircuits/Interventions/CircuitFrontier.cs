namespace SubspaceCircuits.Interventions;

/// <summary>Circuits of growing size that one way of choosing gives, and how each does.</summary>
/// <param name="Selection">The way of choosing.</param>
/// <param name="Points">By growing share.</param>
/// <param name="Stability">Mean Jaccard index of the edges chosen on bootstrap samples with those chosen on all, at the coverage or the size of the circuit; null where no samples are used.</param>
public sealed record CircuitFrontier(string Selection, IReadOnlyList<FrontierPoint> Points, double? Stability = null)
{
    /// <summary>
    /// Circuit performance ratio of Mueller et al. (2025): the area under <c>f = 1 − KL(C)/KL(∅)</c> over the share of edges. f is 0 for a model without any
    /// edge and 1 for the whole; it can exceed 1 for no circuit, as KL is not negative. Null where circuits are not asked for by their share of edges.
    /// </summary>
    public double? Cpr { get; init; }

    /// <summary>Circuit-model distance: the area under <c>|1 − f|</c>; null likewise.</summary>
    public double? Cmd { get; init; }

    /// <summary>The shares of edges at which CPR and CMD are taken (Mueller et al. 2025).</summary>
    public static IReadOnlyList<double> AreaShares { get; } = [.001, .002, .005, .01, .02, .05, .1, .2, .5, 1];

    /// <summary>All shares of edges that are tried.</summary>
    public static IReadOnlyList<double> Shares { get; } = [.. AreaShares.Concat([.03, .075, .15, .25, .3, .35, .4, .6, .7, .8, .9]).Order()];

    /// <summary>Area under a curve by the trapezoidal rule.</summary>
    /// <param name="curve">Share of edges and height, in any order.</param>
    internal static double Area(IEnumerable<(double Share, double Height)> curve)
    {
        (double Share, double Height)[] points = [.. curve.OrderBy(point => point.Share)];
        return points.Zip(points.Skip(1), (one, next) => (next.Share - one.Share) * (next.Height + one.Height) / 2).Sum();
    }
}

/// <summary>A circuit of a frontier.</summary>
/// <param name="At">What was asked for: the coverage, or the share of edges.</param>
/// <param name="Circuit">How it does.</param>
/// <param name="ComponentEdges">Edges between components that it makes.</param>
public sealed record FrontierPoint(double At, Faithfulness Circuit, int ComponentEdges);
