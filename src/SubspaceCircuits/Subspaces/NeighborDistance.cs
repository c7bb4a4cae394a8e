using SubspaceCircuits.Backend;
using SubspaceCircuits.Subspaces.Search;

namespace SubspaceCircuits.Subspaces;

/// <summary>
/// The loss of Neighbor Distance Minimization: the Euclidean distance from a query to its nearest key within each subspace,
/// averaged over queries, then over subspaces without weights.
/// </summary>
public static class NeighborDistance
{
    /// <summary>Mean nearest distance of every subspace, for queries against keys from the same buffer.</summary>
    /// <param name="buffer">Gives queries and keys.</param>
    /// <param name="rotation">R. [d_model, d_model]</param>
    /// <param name="sizes">Columns of each subspace.</param>
    /// <param name="batches">How many batches of queries.</param>
    /// <param name="batchSize">Queries in a batch.</param>
    /// <param name="keyBlocks">Blocks of keys for every batch.</param>
    /// <param name="threads">Threads; 0 means as many as libtorch has.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <returns>[unit]</returns>
    public static double[] Evaluate(ActivationBuffer buffer, Tensor rotation, IReadOnlyList<int> sizes, int batches, int batchSize, int keyBlocks, int threads = 0, CancellationToken cancellation = default)
    {
        var sums = new double[sizes.Count];
        using var search = new BufferSearch(buffer, new EngineSettings { Threads = ComputeThreads.Or(threads) });
        for (var batch = 0; batch < batches; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            var found = search.Next(rotation, sizes, batchSize, keyBlocks, cancellation);
            for (var unit = 0; unit < sizes.Count; unit++)
            {
                foreach (var distance in found.Distances.AsSpan(unit * batchSize, batchSize))
                    sums[unit] += distance;
            }
        }

        return [.. sums.Select(sum => sum / ((double)batches * batchSize))];
    }
}
