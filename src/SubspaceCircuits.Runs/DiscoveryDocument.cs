using SubspaceCircuits.Subspaces.Discovery;

namespace SubspaceCircuits.Runs;

/// <summary><c>discovery</c> in <c>partition.json</c>: what was found and the numbers it rests on.</summary>
/// <param name="Outcome">In a word.</param>
/// <param name="Rows">Activations that were used.</param>
/// <param name="SetAside">Activations that lay too far from all others and were not.</param>
/// <param name="Constant">Directions in which nothing varies; they are in the last subspace.</param>
/// <param name="Subspaces">In the order of the sizes.</param>
/// <param name="Dependence">q of each pair, the share of the smaller one's visible information that the other has too; the diagonal is null.</param>
/// <param name="ReplicateCounts">How many subspaces were found on each half of the activations.</param>
/// <param name="Tree">Every cut that was tried.</param>
public sealed record DiscoveryDocument(DiscoveryOutcome Outcome, long Rows, long SetAside, int Constant, IReadOnlyList<FoundSubspaceDocument> Subspaces,
    IReadOnlyList<IReadOnlyList<double>> Dependence, IReadOnlyList<int> ReplicateCounts, SplitNodeDocument Tree)
{
    /// <summary>The document of a result.</summary>
    public static DiscoveryDocument Of(DiscoveryResult found) => new(found.Outcome, found.Rows, found.SetAside, found.Constant,
        [.. found.Subspaces.Select(FoundSubspaceDocument.Of)], Jagged.Rows(found.Dependence, Rounded), found.ReplicateCounts, SplitNodeDocument.Of(found.Tree));

    /// <summary>Four digits: the estimates are not better.</summary>
    internal static double Rounded(double value) => Math.Round(value, 4);
}

/// <summary>A subspace in <c>discovery</c>.</summary>
/// <param name="Size">Dimensions.</param>
/// <param name="IsLoose">Whether it holds directions without structure, which nothing holds together.</param>
/// <param name="Cohesion">q of its own best cut: how much its parts tell about each other; null for a single direction.</param>
/// <param name="Kept">Share of the variance of what varies independently of the others that the orthogonal subspace holds.</param>
/// <param name="Stability">Mean overlap with the most similar subspace on halves of the activations; null where that was not tried.</param>
/// <param name="Recurrence">Share of the halves on which it was found again.</param>
/// <param name="Verdict">The same in a word.</param>
public sealed record FoundSubspaceDocument(int Size, bool IsLoose, double Cohesion, double Kept, double? Stability, double? Recurrence, StabilityVerdict? Verdict)
{
    internal static FoundSubspaceDocument Of(FoundSubspace found) => new(found.Size, found.IsLoose, DiscoveryDocument.Rounded(found.Cohesion), DiscoveryDocument.Rounded(found.Kept),
        found.Stability is { } stability ? DiscoveryDocument.Rounded(stability.Overlap) : null, found.Stability?.Recurrence, found.Stability?.Verdict);
}

/// <summary>A group of directions in the tree of tried cuts.</summary>
/// <param name="Size">Directions.</param>
/// <param name="IsLoose">Whether activations in it are Gaussian as far as can be seen, and independent of the others.</param>
/// <param name="Verdict">What was decided.</param>
/// <param name="Reason">Why.</param>
/// <param name="Share">q of its best cut, or null where none was tried.</param>
/// <param name="Limit">q below which that cut would be made, or null where none is possible.</param>
/// <param name="Tried">Every cut that was tried.</param>
/// <param name="Children">Its parts by the best cut, where they were looked into.</param>
public sealed record SplitNodeDocument(int Size, bool IsLoose, SplitVerdict Verdict, string Reason, double? Share, double? Limit, IReadOnlyList<TriedSplitDocument> Tried, IReadOnlyList<SplitNodeDocument> Children)
{
    internal static SplitNodeDocument Of(SplitNode node) => new(node.Size, node.IsLoose, node.Verdict, node.Reason, node.Best is { } best ? DiscoveryDocument.Rounded(best.Dependence.Share) : null,
        double.IsNaN(node.Limit) ? null : DiscoveryDocument.Rounded(node.Limit), [.. node.Tried.Select(TriedSplitDocument.Of)], [.. node.Children.Select(Of)]);
}

/// <summary>A cut that was tried.</summary>
/// <param name="Proposal">What proposed it.</param>
/// <param name="Sizes">Directions of its two parts.</param>
/// <param name="Share">q.</param>
/// <param name="Information">I(A, B) at finite resolution less what shuffled rows give, nats.</param>
/// <param name="Visible">What is visible of each part at that resolution, nats.</param>
/// <param name="Residual">λ of the commutant, or null.</param>
public sealed record TriedSplitDocument(string Proposal, IReadOnlyList<int> Sizes, double Share, double Information, IReadOnlyList<double> Visible, double? Residual)
{
    internal static TriedSplitDocument Of(TriedSplit split)
    {
        static double Rounded(double value) => DiscoveryDocument.Rounded(value);
        var (share, information, first, second) = split.Dependence;
        return new(split.Proposal, [split.Sizes.First, split.Sizes.Second], Rounded(share), Rounded(information), [Rounded(first), Rounded(second)], split.Residual is { } residual ? Rounded(residual) : null);
    }
}
