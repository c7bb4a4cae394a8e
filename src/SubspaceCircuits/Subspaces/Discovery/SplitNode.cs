namespace SubspaceCircuits.Subspaces.Discovery;

/// <summary>A cut that was tried.</summary>
/// <param name="Proposal">Name of what proposed it.</param>
/// <param name="Sizes">Dimensions of the two parts.</param>
/// <param name="Residual">λ of the commutant, or null.</param>
/// <param name="Dependence">How much the parts tell about each other.</param>
public sealed record TriedSplit(string Proposal, (int First, int Second) Sizes, double? Residual, Dependence Dependence);

/// <summary>What was decided about a group of directions.</summary>
public enum SplitVerdict
{
    /// <summary>It is one subspace, or part of one.</summary>
    Whole,

    /// <summary>It is cut in two.</summary>
    Split,
}

/// <summary>A group of directions in the tree of tried cuts: a range of columns of one rotation.</summary>
/// <param name="Start">First column.</param>
/// <param name="Size">Columns.</param>
/// <param name="Tried">Cuts that were tried, in order; the best has the least dependence.</param>
/// <param name="Children">Its two parts, where the best cut was looked into; else none.</param>
public sealed record SplitNode(int Start, int Size, IReadOnlyList<TriedSplit> Tried, IReadOnlyList<SplitNode> Children)
{
    /// <summary>Whether activations in it are Gaussian as far as can be seen, and independent of all others.</summary>
    public bool IsLoose { get; init; }

    /// <summary>What was decided.</summary>
    public SplitVerdict Verdict { get; init; }

    /// <summary>Dependence below which the best cut would be made, or not a number where none is possible.</summary>
    public double Limit { get; init; } = double.NaN;

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The cut with the least dependence, or null where none was tried.</summary>
    public TriedSplit? Best => Tried.MinBy(split => split.Dependence.Share);

    /// <summary>The groups that are left whole, in the order of their columns.</summary>
    public IEnumerable<SplitNode> Leaves() => Verdict is SplitVerdict.Split ? Children.SelectMany(child => child.Leaves()) : [this];
}
