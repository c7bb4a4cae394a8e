using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Search;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench.PartitionSpeed;

/// <summary>What the suite asks of the engine beside whole steps, in one place.</summary>
internal static class EngineParts
{
    /// <summary>The search and the gradient of a step.</summary>
    /// <param name="Neighbours">Nearest keys, not rotated. [unit, query, d_model], float64</param>
    /// <param name="Loss">Mean nearest distance.</param>
    /// <param name="Gradient">Its gradient by the rotation. [d_model, d_model], float64</param>
    internal sealed record StepParts(Tensor Neighbours, double Loss, Tensor Gradient);

    /// <summary>Takes a batch of queries and does what a step of training does with it, up to the update.</summary>
    /// <param name="buffer">Gives queries and keys.</param>
    /// <param name="rotation">R. [d_model, d_model], float32</param>
    /// <param name="shape">Shape.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="cancellation">Checked between tiles of keys.</param>
    public static unsafe StepParts Step(ActivationBuffer buffer, Tensor rotation, PartitionShape shape, int threads, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var (settings, sizes) = (new EngineSettings { Threads = threads }, shape.Sizes);
        using var search = new BufferSearch(buffer, settings);
        using var gradient = Kernels.Gradient(settings);
        var (turn, slope) = (rotation.contiguous().data<float>().ToArray(), new float[rotation.numel()]);
        double loss;
        Neighbors found;
        fixed (float* r = turn, to = slope)
        {
            found = search.Next(rotation, sizes, PartitionShape.BatchSize, shape.Blocks, cancellation);
            loss = gradient.Of(search.Window, r, sizes, search.Batch, found, to);
        }

        var rows = tensor([.. found.Keys.Select(key => (long)search.Window.Original(key))]);
        var keys = cat([.. buffer.Keys(shape.Blocks)], dim: 0).index_select(0, rows).to(float64).view(sizes.Count, -1, shape.DModel);
        return new StepParts(keys.MoveToOuterDisposeScope(), loss, tensor(slope, rotation.shape).to(float64).MoveToOuterDisposeScope());
    }

    /// <summary>Mutual information of all pairs.</summary>
    public static void Information(ActivationBuffer buffer, Tensor rotation, PartitionShape shape, int batches, int threads, CancellationToken cancellation) =>
        MutualInformation.AllPairs(buffer, rotation, shape.Sizes, batches, PartitionShape.BatchSize, shape.InformationBlocks, threads, cancellation: cancellation);
}
