using SubspaceCircuits.Subspaces;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench.PartitionSpeed;

/// <summary>A size at which the partition is measured.</summary>
/// <param name="Name">Name in rows and options.</param>
/// <param name="DModel">Width of an activation.</param>
/// <param name="UnitSize">Dimensions of a subspace.</param>
/// <param name="Blocks">Blocks of keys of a step.</param>
/// <param name="InformationBlocks">Blocks of keys of an estimate of mutual information, as published for this size of units.</param>
/// <param name="EagerSteps">Steps of the eager implementation in a round.</param>
/// <param name="ExactSteps">Steps of the exact engine in a round.</param>
/// <param name="LookaheadSteps">Steps of the look-ahead engine in a round, whole passes; 0 where it is not measured.</param>
/// <param name="InformationBatches">Batches of an estimate by the engine.</param>
internal sealed record PartitionShape(string Name, int DModel, int UnitSize, int Blocks, int InformationBlocks, int EagerSteps, int ExactSteps, int LookaheadSteps, int InformationBatches)
{
    public const int BlockLength = 16_384, BatchSize = 128;

    /// <summary>Look-ahead is timed over the steps that one block of queries lasts: whole passes, and one change of the window of keys.</summary>
    private const int StepsOfABlock = BlockLength / BatchSize;

    public static IReadOnlyList<PartitionShape> All { get; } =
    [
        new("toy", 16, 2, 1, 1, 6, 2 * StepsOfABlock, 0, 16),
        new("small", 64, 4, 1, 1, 4, StepsOfABlock, 0, 8),
        new("small25", 64, 4, 25, 1, 1, 48, 0, 8),
        new("gpt2", 768, 32, 25, 6, 1, 12, StepsOfABlock, 4),
    ];

    public int Units => DModel / UnitSize;

    /// <summary>Columns of each subspace.</summary>
    public IReadOnlyList<int> Sizes => [.. Enumerable.Repeat(UnitSize, Units)];

    public string Describe => $"d {DModel}, {Units} x {UnitSize}, {Blocks} block{(Blocks == 1 ? "" : "s")}";

    /// <summary>
    /// Floating-point operations of a step's search as it is defined: rotate every key, and multiply it with every query, <c>2 K d² + 2 B K d</c>. Comparing
    /// distances is not counted.
    /// </summary>
    public double SearchFlops => 2.0 * Blocks * BlockLength * DModel * (DModel + BatchSize);

    public PartitionSettings Settings(int threads, SearchMode search = SearchMode.Exact, UpdateMode update = UpdateMode.Exact) =>
        new() { UnitSize = UnitSize, BatchSize = BatchSize, BlockLength = BlockLength, SearchBlocks = Blocks, Threads = threads, Search = search, Update = update, MaxSteps = int.MaxValue, MergeStart = int.MaxValue };

    /// <summary>Activations for a window of keys, the queries before it and some blocks more, so that no row meets itself.</summary>
    public Tensor Activations(string kind, int seed)
    {
        using var generator = new Generator((ulong)seed);
        return SyntheticActivations.Kinds[kind]((Math.Max(Blocks, InformationBlocks) + 2) * BlockLength, DModel, UnitSize, generator);
    }

    /// <summary>A buffer over activations; every buffer over the same ones gives the same.</summary>
    public static ActivationBuffer Buffer(Tensor activations) => new(new CyclicSource(activations), BlockLength, refillBlocks: 1);
}
