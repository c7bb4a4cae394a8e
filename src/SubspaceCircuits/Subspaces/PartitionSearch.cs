using SubspaceCircuits.Activations;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces.Discovery;
using SubspaceCircuits.Subspaces.Search;

namespace SubspaceCircuits.Subspaces;

/// <summary>A partition and what is known about it. Owns the partition and disposes it.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Strategy">Name of the strategy.</param>
/// <param name="Steps">Steps of all trainings together.</param>
/// <param name="Activations">Activations it was found on.</param>
/// <param name="Distances">Mean nearest distance in every subspace, in units of the activations.</param>
/// <param name="NormalizedInformation">Normalised mutual information of all pairs, nats per dimension; the diagonal is not a number. [unit, unit]</param>
/// <param name="Checks">Every check for merges of the training that was kept.</param>
/// <param name="Search">How the search of all trainings went.</param>
public sealed record PartitionResult(Partition Partition, string Strategy, int Steps, long Activations, IReadOnlyList<double> Distances,
    double[,] NormalizedInformation, IReadOnlyList<MergeCheck> Checks, SearchStatistics Search) : IDisposable
{
    /// <summary>What discovery found and why, where it was the strategy. Disposed with the rest.</summary>
    public DiscoveryResult? Discovery { get; init; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Partition.Dispose();
        Discovery?.Dispose();
    }
}

/// <summary>Finds the partition of a site.</summary>
public static class PartitionSearch
{
    private const int EvaluationBlock = 4096, EvaluationBatches = 8, EvaluationBatchSize = 128;

    /// <summary>Runs a strategy on activations.</summary>
    /// <param name="activations">[row, d_model], in storage type.</param>
    /// <param name="site">Where they were taken, or null.</param>
    /// <param name="strategy">The strategy.</param>
    /// <param name="progress">Told every step.</param>
    /// <param name="cancellation">Checked between tiles of keys.</param>
    /// <exception cref="ArgumentException">There are too few activations for the blocks of the buffer, they are not finite, or a setting is out of range.</exception>
    public static PartitionResult Run(Tensor activations, Site? site, PartitionStrategy strategy, IProgress<PartitionProgress>? progress = null, CancellationToken cancellation = default) =>
        Run(activations, site, strategy, null, progress, cancellation);

    /// <summary>Runs a strategy on activations, from where it was stopped.</summary>
    /// <param name="activations">[row, d_model], in storage type.</param>
    /// <param name="site">Where they were taken, or null.</param>
    /// <param name="strategy">The strategy.</param>
    /// <param name="checkpoint">Knows where the search was and is told where it is, or null.</param>
    /// <param name="progress">Told every step.</param>
    /// <param name="cancellation">Checked between tiles of keys.</param>
    /// <exception cref="ArgumentException">There are too few activations for the blocks of the buffer, they are not finite, or a setting is out of range.</exception>
    public static PartitionResult Run(Tensor activations, Site? site, PartitionStrategy strategy, IPartitionCheckpoint? checkpoint,
        IProgress<PartitionProgress>? progress, CancellationToken cancellation)
    {
        RequireUsable(activations, strategy.Training);
        using var scope = NewDisposeScope();
        var (mean, covariance) = Moments.Of(activations);
        using var generator = new Generator((ulong)strategy.Training.Seed);
        using var whitening = strategy.WhiteningFloor is { } floor ? new Whitening(mean, covariance, floor) : null;
        using var source = new ShuffledSource(activations, generator, whitening is null ? null : whitening.Apply);

        var resume = checkpoint?.Read();
        var starts = Math.Max(1, strategy.RandomStarts);
        var best = resume?.Best;
        var steps = resume?.StepsBefore ?? 0;
        var search = resume?.SearchBefore ?? new();
        for (var skipped = 0; skipped < resume?.Start; skipped++)
            First(strategy, source.DModel, generator); // chance goes on as it did
        source.Skip(resume?.SourceRows ?? 0);
        for (var start = resume?.Start ?? 0; start < starts; start++)
        {
            var handedOut = source.HandedOut;
            using var buffer = Buffer(source, strategy.Training.BlockLength, strategy.Training.SearchBlocks + 1);
            var first = First(strategy, source.DModel, generator);
            using var training = resume is not null && start == resume.Start ? new PartitionTraining(buffer, resume.Training, strategy.Training) : new PartitionTraining(buffer, first, strategy.Training);
            var (index, before, searchBefore, kept) = (start, steps, search, best);
            PartitionSearchState State() => new(index, before, searchBefore, handedOut, training.State(), kept);
            double loss;
            Tensor rotation;
            try
            {
                training.Run(progress is null ? null : new Offset(progress, before, starts * strategy.Training.MaxSteps), checkpoint is null ? null : () => checkpoint.Note(State), cancellation);
                rotation = training.CurrentRotation();
                using var fresh = Buffer(source, strategy.Training.BlockLength, strategy.Training.SearchBlocks + 1);
                var batch = Math.Min(strategy.Training.BatchSize, strategy.Training.BlockLength);
                loss = NeighborDistance.Evaluate(fresh, rotation, training.Sizes, EvaluationBatches, batch, strategy.Training.SearchBlocks, strategy.Training.Threads, cancellation).Average();
            }
            catch (OperationCanceledException)
            {
                checkpoint?.Stop(State());
                throw;
            }

            steps += training.StepsDone;
            search += training.Search;
            if (best is null || loss < best.Loss)
                best = new PartitionBest(loss, [.. rotation.data<float>()], training.Sizes, [.. training.Checks]);
        }

        var (_, found, sizes, checks) = best!;
        var partition = new Partition(site, Rotation.Orthogonalize(tensor([.. found], [source.DModel, source.DModel])), sizes, mean.to(float32), covariance.to(float32));
        var (distances, information) = Evaluate(activations, partition, generator, cancellation);
        return new PartitionResult(partition, strategy.Name, steps, activations.shape[0], distances, information, checks, search);
    }

    /// <summary>Finds the partition, and how many subspaces it has.</summary>
    /// <param name="activations">[row, d_model], in storage type.</param>
    /// <param name="site">Where they were taken, or null.</param>
    /// <param name="settings">How they are sought.</param>
    /// <param name="progress">Told of every group of directions that was looked into.</param>
    /// <param name="cancellation">Checked throughout.</param>
    /// <exception cref="ArgumentException">There are too few activations, they are not finite, or a setting is out of range.</exception>
    public static PartitionResult Discover(Tensor activations, Site? site, DiscoverySettings settings, IProgress<DiscoveryProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var found = SubspaceDiscovery.Run(activations, settings, progress, cancellation);
        var (mean, covariance) = Moments.Of(activations);
        using var generator = new Generator((ulong)settings.Seed);
        var partition = new Partition(site, Rotation.Orthogonalize(found.Rotation), [.. found.Subspaces.Select(subspace => subspace.Size)], mean.to(float32), covariance.to(float32));
        var (distances, information) = Evaluate(activations, partition, generator, cancellation);
        return new PartitionResult(partition, PartitionStrategy.Discover, 0, activations.shape[0], distances, information, [], new()) { Discovery = found };
    }

    /// <summary>Distances and mutual information of a partition on activations as they are, less their mean.</summary>
    public static (double[] Distances, double[,] NormalizedInformation) Evaluate(Tensor activations, Partition partition, Generator generator, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var source = new ShuffledSource(activations, generator, x => x - partition.Mean);
        var block = (int)Math.Min(EvaluationBlock, source.Rows / 2);
        var batch = Math.Min(EvaluationBatchSize, block);
        using var buffer = Buffer(source, block, 2);
        var distances = NeighborDistance.Evaluate(buffer, partition.R, partition.Sizes, EvaluationBatches, batch, 1, cancellation: cancellation);
        var information = MutualInformation.AllPairs(buffer, partition.R, partition.Sizes, EvaluationBatches, batch, 1, cancellation: cancellation);
        return (distances, MutualInformation.Normalize(information, partition.Sizes));
    }

    private static Tensor First(PartitionStrategy strategy, int dModel, Generator generator) =>
        strategy.RandomStarts > 0 ? Rotation.Random(dModel, generator) : eye(dModel);

    private static ActivationBuffer Buffer(ShuffledSource source, int blockLength, int blocks) => new(source, blockLength, blocks);

    private static void RequireUsable(Tensor activations, PartitionSettings settings)
    {
        settings.Validate();
        var needed = (long)settings.BlockLength * (settings.SearchBlocks + 1);
        if (activations.dim() != 2 || activations.shape[0] < needed)
            throw new ArgumentException($"{settings.SearchBlocks} blocks of keys and one of queries, {settings.BlockLength} each, need {needed} activations [row, d_model], but there are [{string.Join(", ", activations.shape)}].");
        if (!activations.isfinite().all().item<bool>())
            throw new ArgumentException("The activations hold values that are not finite. Look for overflow in half precision or a damaged file.");
    }

    /// <summary>Progress of one of several trainings as progress of all.</summary>
    private sealed class Offset(IProgress<PartitionProgress> progress, int before, int total) : IProgress<PartitionProgress>
    {
        public void Report(PartitionProgress value) => progress.Report(value with { Step = before + value.Step, MaxSteps = total });
    }
}
