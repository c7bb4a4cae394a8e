using SubspaceCircuits.Subspaces.Discovery.Proposals;

namespace SubspaceCircuits.Subspaces.Discovery;

/// <summary>How subspaces are found without being told their number: what proposes cuts, what measures and what decides.</summary>
public sealed record DiscoverySettings
{
    /// <summary>What proposes cuts, cheapest first.</summary>
    public IReadOnlyList<ISplitProposal> Proposals { get; init; } = [new ComponentProposal(), new CumulantProposal(), new MatchProposal(), new NeighborProposal()];

    /// <summary>How dependence is measured.</summary>
    public IDependenceMeasure Dependence { get; init; } = new FiniteInformation();

    /// <summary>What decides.</summary>
    public ISplitDecision Decision { get; init; } = new RelativeDecision();

    /// <summary>What turns the partition once its sizes are settled, or null.</summary>
    public IPartitionRefinement? Refinement { get; init; } = new NeighborRefinement();

    /// <summary>Least dimensions of a subspace, at least 1. Default 2.</summary>
    public int LeastDimensions { get; init; } = 2;

    /// <summary>
    /// How many times as strong third and fourth cumulants as the strongest of some Gaussian directions a direction must have to be looked into; the others have no structure. Default 2.
    /// </summary>
    public double LeastStructure { get; init; } = 2;

    /// <summary>Floor of the whitening, as a share of the mean variance. Default 1e-3.</summary>
    public double WhiteningFloor { get; init; } = 1e-3;

    /// <summary>How often discovery is repeated on half of the rows, for the stability of each subspace, at least 0. Default 0: not at all.</summary>
    public int Replicates { get; init; }

    /// <summary>Seed of everything random.</summary>
    public int Seed { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        if (Proposals.Count == 0 || LeastDimensions < 1 || Replicates < 0 || !(WhiteningFloor >= 0) || !(LeastStructure >= 0))
            throw new ArgumentException("Discovery needs at least one proposal and one dimension; replicates, the floor of the whitening and the least structure should not be negative.");
    }
}
