using SubspaceCircuits.Activations;

namespace SubspaceCircuits.Subspaces.Discovery;

/// <summary>Turns a partition whose sizes are settled to where it fits best.</summary>
public interface IPartitionRefinement
{
    /// <summary>Turns the rotation; sizes stay.</summary>
    /// <param name="rows">Coordinates, not whitened. [row, d], float32</param>
    /// <param name="rotation">Columns grouped by subspace. [d, d]</param>
    /// <param name="sizes">Columns of each.</param>
    /// <param name="generator">Where chance comes from.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <returns>[d, d], float32</returns>
    Tensor Refine(Tensor rows, Tensor rotation, IReadOnlyList<int> sizes, Generator generator, CancellationToken cancellation);
}

/// <summary>Neighbor Distance Minimization from what was found: whitening tilts dependent subspaces a little, and activations as they are straighten them.</summary>
public sealed record NeighborRefinement : IPartitionRefinement
{
    /// <summary>Steps, at least 1. Default 400.</summary>
    public int Steps { get; init; } = 400;

    /// <summary>Keys of a step, at least 2. Default 512.</summary>
    public int Keys { get; init; } = 512;

    /// <summary>Learning rate, annealed. Default 1e-3.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Threads; 0 means as many as libtorch has.</summary>
    public int Threads { get; init; }

    /// <inheritdoc/>
    public Tensor Refine(Tensor rows, Tensor rotation, IReadOnlyList<int> sizes, Generator generator, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var source = new ShuffledSource(rows / rows.square().mean().sqrt(), generator);
        return NeighborSteps.Train(source, rotation, sizes, Keys, Steps, LearningRate, Threads, cancellation).MoveToOuterDisposeScope();
    }
}
