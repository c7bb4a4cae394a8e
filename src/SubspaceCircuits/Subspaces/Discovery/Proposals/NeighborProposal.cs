using SubspaceCircuits.Activations;

namespace SubspaceCircuits.Subspaces.Discovery.Proposals;

/// <summary>
/// Cuts by Neighbor Distance Minimization with two equal parts, from random rotations: first among few keys, where the loss has few bad basins, then among more.
/// </summary>
public sealed record NeighborProposal : ISplitProposal
{
    /// <summary>Random rotations to start from, at least 1. Default 2.</summary>
    public int Starts { get; init; } = 2;

    /// <summary>Steps among few keys, at least 1. Default 1,600.</summary>
    public int Steps { get; init; } = 1600;

    /// <summary>Few keys, and queries of a step. Default 64.</summary>
    public int Keys { get; init; } = 64;

    /// <summary>Learning rate among few keys, annealed. Default 3e-3.</summary>
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>How many times as many keys the last steps have, an eighth of all at half the rate. Default 8.</summary>
    public int MoreKeys { get; init; } = 8;

    /// <summary>Threads; 0 means as many as libtorch has.</summary>
    public int Threads { get; init; }

    /// <inheritdoc/>
    public string Name => "neighbors";

    /// <inheritdoc/>
    public IEnumerable<SplitProposal> Propose(SplitGroup group, int leastDimensions, Generator generator, CancellationToken cancellation)
    {
        for (var start = 0; start < Starts; start++)
            yield return Propose(group.Rows, generator, cancellation);
    }

    private SplitProposal Propose(Tensor rows, Generator generator, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var source = new ShuffledSource(rows, generator);
        var rotation = Rotation.Random(source.DModel, generator);
        int[] halves = [(source.DModel + 1) / 2, source.DModel / 2];
        rotation = NeighborSteps.Train(source, rotation, halves, Keys, Steps, LearningRate, Threads, cancellation);
        rotation = NeighborSteps.Train(source, rotation, halves, Keys * MoreKeys, Math.Max(1, Steps / 8), LearningRate / 2, Threads, cancellation);
        return new SplitProposal(rotation.MoveToOuterDisposeScope(), halves[0], null);
    }
}
