using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Runs;

/// <summary>A search for a partition that goes on where it was stopped.</summary>
public static class ResumablePartition
{
    /// <summary>Searches; what is kept on the way lies in the partition's folder and is removed in the end.</summary>
    /// <param name="folder">Folder of the partition.</param>
    /// <param name="activations">[row, d_model], in storage type; the same when it goes on.</param>
    /// <param name="site">Where they were taken, or null.</param>
    /// <param name="strategy">The strategy.</param>
    /// <param name="progress">Told every step.</param>
    /// <param name="cancellation">Stops the search at the next tile of keys; it can go on later.</param>
    /// <param name="write">Writes the result, before what was kept on the way is removed.</param>
    public static PartitionResult Run(string folder, Tensor activations, Site? site, PartitionStrategy strategy, IProgress<PartitionProgress>? progress, Action<PartitionResult> write, CancellationToken cancellation)
    {
        var checkpoint = new PartitionCheckpoint(folder, strategy);
        PartitionResult result;
        try
        {
            result = PartitionSearch.Run(activations, site, strategy, checkpoint.Read(), checkpoint.Note, progress, cancellation);
        }
        catch (OperationCanceledException)
        {
            checkpoint.WriteLast();
            throw;
        }

        write(result);
        checkpoint.Remove();
        return result;
    }
}
