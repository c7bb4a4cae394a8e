namespace SubspaceCircuits.Subspaces;

/// <summary>How a partition is sought by training, with the number of subspaces told or left to merging: on which data, from where, how often.</summary>
public sealed record PartitionStrategy
{
    /// <summary>Name of the strategy that finds the number itself, <see cref="PartitionSearch.Discover"/>.</summary>
    public const string Discover = "discover";

    /// <summary>Name under which it is recorded.</summary>
    public required string Name { get; init; }

    /// <summary>Settings of the training.</summary>
    public required PartitionSettings Training { get; init; }

    /// <summary>Floor of the whitening, or null for raw activations, as published.</summary>
    public double? WhiteningFloor { get; init; }

    /// <summary>Trainings from random rotations of which the one with the least loss is kept; 0 means one from the identity, as published.</summary>
    public int RandomStarts { get; init; }

    /// <summary>
    /// The published method: raw activations, from the identity, units that merge by mutual information until none exceeds the
    /// threshold, or until <paramref name="stopAt"/> are left when that is not 0.
    /// </summary>
    public static PartitionStrategy Merge(int stopAt, int seed, PartitionSettings? training = null) =>
        new() { Name = "merge", Training = (training ?? new PartitionSettings()) with { StopAt = stopAt, Seed = seed } };

    /// <summary>
    /// The same loss from random rotations of whitened activations, with the number of subspaces told: equal blocks, few keys and a
    /// large, annealed learning rate. Seconds instead of hours on toy models; it does not find the number.
    /// </summary>
    public static PartitionStrategy Blocks(int count, int seed, int steps = 1500, int starts = 4) => new()
    {
        Name = "blocks",
        WhiteningFloor = 0.1,
        RandomStarts = starts,
        Training = new PartitionSettings
        {
            Blocks = count,
            StopAt = count,
            BlockLength = 512,
            SearchBlocks = 1,
            MaxSteps = steps,
            MergeStart = steps + 1,
            LearningRate = 2e-2,
            IsAnnealed = true,
            RebaseEvery = 10,
            Seed = seed,
        },
    };
}
