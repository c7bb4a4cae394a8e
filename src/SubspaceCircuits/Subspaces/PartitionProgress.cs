using SubspaceCircuits.Subspaces.Search;

namespace SubspaceCircuits.Subspaces;

/// <summary>What partition training reports on the way.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="MaxSteps">Steps at most.</param>
/// <param name="Loss">Loss of the last step.</param>
/// <param name="GradientNorm">Norm of the gradient before clipping.</param>
/// <param name="Sizes">Subspaces at present.</param>
/// <param name="Search">How the search went so far.</param>
public sealed record PartitionProgress(int Step, int MaxSteps, double Loss, double GradientNorm, IReadOnlyList<int> Sizes, SearchStatistics Search)
{
    /// <summary>The loss, and what look-ahead missed so far.</summary>
    public override string ToString() => FormattableString.Invariant($"loss {Loss:0.0000}") +
        (Search.Audited == 0 ? "" : FormattableString.Invariant($", look-ahead agrees {Search.Agreement:0.00000}, excess {Search.LossExcess:0.0e0}"));
}

/// <summary>One check for merges.</summary>
/// <param name="Step">After which step.</param>
/// <param name="Sizes">Subspaces before.</param>
/// <param name="NormalizedInformation">Normalised mutual information. [unit, unit]</param>
/// <param name="Groups">New groups of old subspaces; empty when nothing merged.</param>
public sealed record MergeCheck(int Step, IReadOnlyList<int> Sizes, double[,] NormalizedInformation, IReadOnlyList<IReadOnlyList<int>> Groups);
