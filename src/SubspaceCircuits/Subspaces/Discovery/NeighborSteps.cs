using SubspaceCircuits.Activations;

namespace SubspaceCircuits.Subspaces.Discovery;

/// <summary>Neighbor Distance Minimization with sizes that stay, among few keys, at a rate that falls to 0.</summary>
internal static class NeighborSteps
{
    private const int MostQueries = 256;

    /// <summary>Trains a rotation.</summary>
    /// <param name="source">Gives the rows; at most half of them are keys of a step.</param>
    /// <param name="start">First rotation. [d, d]</param>
    /// <param name="sizes">Columns of each subspace.</param>
    /// <param name="keys">Keys of a step, and queries up to 256.</param>
    /// <param name="steps">Steps.</param>
    /// <param name="learningRate">Rate of the first step.</param>
    /// <param name="threads">Threads; 0 means as many as libtorch has.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <returns>[d, d], float32, owned by the caller's scope.</returns>
    public static Tensor Train(ShuffledSource source, Tensor start, IReadOnlyList<int> sizes, int keys, int steps, double learningRate, int threads, CancellationToken cancellation)
    {
        keys = (int)Math.Min(keys, source.Rows / 2);
        using var buffer = new ActivationBuffer(source, keys, 2);
        using var training = new PartitionTraining(buffer, start, new PartitionSettings
        {
            StopAt = sizes.Count,
            BlockLength = keys,
            BatchSize = Math.Min(keys, MostQueries),
            SearchBlocks = 1,
            MaxSteps = steps,
            MergeStart = steps + 1,
            LearningRate = learningRate,
            IsAnnealed = true,
            Update = UpdateMode.Fast,
            Threads = threads,
        }, sizes);
        training.Run(cancellation: cancellation);
        return training.CurrentRotation();
    }
}
