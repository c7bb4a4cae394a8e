namespace SubspaceCircuits.Subspaces.Discovery;

/// <summary>How subspaces are found without being told their number: what proposes cuts, what measures and what decides.</summary>
public sealed record DiscoverySettings
{
    /// <summary>What proposes cuts, cheapest first.</summary>
    public IReadOnlyList<ISplitProposal> Proposals { get; init; } = [new ComponentProposal(), new CumulantProposal(), new NeighborProposal()];

    /// <summary>How dependence is measured.</summary>
    public IDependenceMeasure Dependence { get; init; } = new FiniteInformation();

    /// <summary>What decides.</summary>
    public ISplitDecision Decision { get; init; } = new RelativeDecision();

    /// <summary>What turns the partition once its sizes are settled, or null.</summary>
    public IPartitionRefinement? Refinement { get; init; } = new NeighborRefinement();

    /// <summary>Least dimensions of a subspace, at least 1. Default 2.</summary>
    public int LeastDimensions { get; init; } = 2;

    /// <summary>Floor of the whitening, as a share of the mean variance. Default 1e-3.</summary>
    public double WhiteningFloor { get; init; } = 1e-3;

    /// <summary>Seed of everything random.</summary>
    public int Seed { get; init; }
}
