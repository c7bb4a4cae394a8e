namespace SubspaceCircuits.Subspaces;

/// <summary>Settings of <see cref="PartitionTraining"/>; the defaults are those of the published GPT-2 runs where not said otherwise.</summary>
public sealed record PartitionSettings
{
    /// <summary>Dimensions of a subspace before any merge, at least 1; what remains of d_model makes one smaller subspace.</summary>
    public int UnitSize { get; init; } = 32;

    /// <summary>Queries of one step, at least 1 and at most <see cref="BlockLength"/>.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Activations in a block of the buffer, at least 1.</summary>
    public int BlockLength { get; init; } = 16_384;

    /// <summary>Blocks of keys searched in a step, at least 1.</summary>
    public int SearchBlocks { get; init; } = 25;

    /// <summary>Steps, merges included, at least 1.</summary>
    public int MaxSteps { get; init; } = 50_000;

    /// <summary>First step after which subspaces may merge.</summary>
    public int MergeStart { get; init; } = 10_000;

    /// <summary>Steps between two checks for merges, at least 1.</summary>
    public int MergeInterval { get; init; } = 3_000;

    /// <summary>Normalised mutual information, nats per dimension, above which two subspaces merge.</summary>
    public double MergeThreshold { get; init; } = 0.04;

    /// <summary>End as soon as there are no more subspaces than this; 0 means never.</summary>
    public int StopAt { get; init; }

    /// <summary>Adam's learning rate, positive.</summary>
    public double LearningRate { get; init; } = 3e-4;

    /// <summary>Whether the rate falls as a half cosine to 0 over the steps between two merges (not in the published method).</summary>
    public bool IsAnnealed { get; init; }

    /// <summary>Steps after which the rotation's base moves to where it is; 0 means never, as published. Needed for large learning rates.</summary>
    public int RebaseEvery { get; init; }

    /// <summary>Norm to which the gradient is clipped, positive.</summary>
    public double ClipNorm { get; init; } = 100;

    /// <summary>Batches of queries for a mutual-information estimate, at least 1.</summary>
    public int InformationBatches { get; init; } = 100;

    /// <summary>Blocks of keys for a mutual-information estimate, at least 1.</summary>
    public int InformationBlocks { get; init; } = 6;

    /// <summary>Batches of queries for the evaluation at the end, at least 1.</summary>
    public int EvaluationBatches { get; init; } = 100;

    /// <summary>Seed of everything random.</summary>
    public int Seed { get; init; }

    /// <summary>Start with this many subspaces, as equal as can be, instead of units of <see cref="UnitSize"/>; 0 means units, as published.</summary>
    public int Blocks { get; init; }

    /// <summary>How neighbours are sought. Default exact.</summary>
    public SearchMode Search { get; init; }

    /// <summary>How the rotation moves. Default exact: the published parametrisation.</summary>
    public UpdateMode Update { get; init; }

    /// <summary>Threads to compute with; 0 means as many as libtorch has.</summary>
    public int Threads { get; init; }

    /// <summary>Most memory for what the search keeps beside the blocks of keys, in MiB, at least 1. Default 2,048.</summary>
    public int MemoryMiB { get; init; } = 2048;

    /// <summary>Subspaces before any merge: equal blocks, or equal units and what remains.</summary>
    public IReadOnlyList<int> InitialSizes(int dModel)
    {
        if (Blocks > dModel)
            throw new ArgumentException($"{Blocks} subspaces were asked for, but d_model is {dModel}.");
        if (Blocks > 0)
            return [.. Enumerable.Range(0, Blocks).Select(block => (dModel - block + Blocks - 1) / Blocks)];
        int[] units = [.. Enumerable.Repeat(UnitSize, dModel / UnitSize)];
        return dModel % UnitSize == 0 ? units : [.. units, dModel % UnitSize];
    }

    /// <summary>Whether a check for merges is due after so many steps: at regular intervals, and not in the last hundred steps, as published.</summary>
    public bool IsMergeDue(int steps) => steps >= MergeStart && (steps - MergeStart) % MergeInterval == 0 && steps < MaxSteps - 100;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        foreach (var (name, value) in new (string, int)[] { (nameof(UnitSize), UnitSize), (nameof(BatchSize), BatchSize), (nameof(BlockLength), BlockLength),
            (nameof(SearchBlocks), SearchBlocks), (nameof(MaxSteps), MaxSteps), (nameof(MergeInterval), MergeInterval),
            (nameof(InformationBatches), InformationBatches), (nameof(InformationBlocks), InformationBlocks), (nameof(EvaluationBatches), EvaluationBatches), (nameof(MemoryMiB), MemoryMiB) })
        {
            if (value < 1)
                throw new ArgumentException($"{name} must be at least 1, but is {value}.");
        }

        if (BatchSize > BlockLength)
            throw new ArgumentException($"{nameof(BatchSize)} ({BatchSize}) must not exceed {nameof(BlockLength)} ({BlockLength}).");
        if (!(LearningRate > 0) || !(ClipNorm > 0))
            throw new ArgumentException($"{nameof(LearningRate)} ({LearningRate}) and {nameof(ClipNorm)} ({ClipNorm}) must be positive.");
        if (StopAt < 0 || MergeStart < 0 || RebaseEvery < 0 || Threads < 0)
            throw new ArgumentException($"{nameof(StopAt)} ({StopAt}), {nameof(MergeStart)} ({MergeStart}), {nameof(RebaseEvery)} ({RebaseEvery}) and {nameof(Threads)} ({Threads}) must not be negative.");
    }
}
