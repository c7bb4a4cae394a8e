using System.Diagnostics;
using SubspaceCircuits.Backend;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Published;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench;

/// <summary>
/// Whole steps of partition training (search, gradient, update) against the published code's operations in libtorch, on the same data, in turns, in
/// one process.
/// </summary>
internal sealed class PartitionSpeedSuite(int seed, bool isQuick, IProgress<string> progress, CancellationToken cancellation)
{
    private const int Block = 16_384, Batch = 128;

    /// <summary>A shape that is measured.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="DModel">d_model.</param>
    /// <param name="Unit">Dimensions of each subspace.</param>
    /// <param name="Blocks">Blocks of 16,384 keys.</param>
    /// <param name="Search">How neighbours are sought.</param>
    /// <param name="Update">How the rotation moves.</param>
    /// <param name="EagerSteps">Steps of the baseline in each round.</param>
    /// <param name="Steps">Steps of the engine in each round.</param>
    internal sealed record Case(string Name, int DModel, int Unit, int Blocks, SearchMode Search, UpdateMode Update, int EagerSteps, int Steps);

    /// <summary>One case on one kind of data with a number of threads.</summary>
    /// <param name="Shape">The case.</param>
    /// <param name="Data">Kind of data.</param>
    /// <param name="Threads">Threads of both.</param>
    /// <param name="EagerSeconds">Seconds of a step of the baseline.</param>
    /// <param name="EngineSeconds">Seconds of a step of the engine.</param>
    /// <param name="Ratio">The one over the other.</param>
    /// <param name="Work">What the definition asks for, 2 N d² + 2 N B d, over time and peak: above 1 where work is left out.</param>
    /// <param name="Passes">Passes over all keys for candidates, in all steps.</param>
    /// <param name="DirectPasses">Passes where a nearest key was not proved.</param>
    /// <param name="Agreement">Share of audited nearest keys that agree.</param>
    internal sealed record Row(string Shape, string Data, int Threads, double EagerSeconds, double EngineSeconds, double Ratio, double Work, int Passes, int DirectPasses, double Agreement);

    public static IReadOnlyList<Case> Cases { get; } =
    [
        new("toy", 16, 2, 1, SearchMode.Exact, UpdateMode.Exact, 12, 600),
        new("small", 64, 4, 1, SearchMode.Exact, UpdateMode.Exact, 6, 128),
        new("small25", 64, 4, 25, SearchMode.Exact, UpdateMode.Exact, 1, 16),
        new("gpt2_exact", 768, 32, 25, SearchMode.Exact, UpdateMode.Exact, 1, 32),
        new("gpt2_lookahead", 768, 32, 25, SearchMode.Lookahead, UpdateMode.Fast, 1, 64),
    ];

    public double Peak { get; } = MachinePeak.Measure();

    /// <summary>Measures a case with each number of threads; the engine alone where the baseline was measured before.</summary>
    public IEnumerable<Row> Measure(Case @case, string kind, IReadOnlyList<int> threadCounts)
    {
        using var scope = NewDisposeScope();
        var data = SpeedData.Kinds[kind]((@case.Blocks + 1) * Block, @case.DModel, new Generator((ulong)seed));
        foreach (var threads in threadCounts)
        {
            progress.Report($"{@case.Name}, {kind}, {threads} threads");
            yield return Measure(@case, kind, data, threads);
        }
    }

    private Row Measure(Case @case, string kind, Tensor data, int threads)
    {
        ComputeThreads.Use(threads);
        var settings = new PartitionSettings { UnitSize = @case.Unit, SearchBlocks = @case.Blocks, Search = @case.Search, Update = @case.Update, Threads = threads };
        using ActivationBuffer eagerBuffer = new(new OrderedSource(data), Block, @case.Blocks + 1), buffer = new(new OrderedSource(data), Block, @case.Blocks + 1);
        using var eager = new EagerPartitionTraining(eagerBuffer, eye(@case.DModel), settings);
        using var training = new PartitionTraining(buffer, eye(@case.DModel), settings);

        // Warm up: libtorch's first call, the runtime's best code, and the first steps, in which Adam moves the most.
        var isLarge = @case.DModel > 256;
        var rounds = isQuick ? 1 : isLarge ? 2 : 5;
        var steps = isQuick ? Math.Min(4, @case.Steps) : @case.Steps;
        if (!isLarge)
            Seconds(() => eager.Step(), 2);
        Seconds(() => training.Step(cancellation), isQuick ? 2 : isLarge ? 16 : Math.Max(16, steps / 2));
        var before = training.Search;
        List<double> slow = [], fast = [];
        for (var round = 0; round < rounds; round++)
        {
            slow.Add(Seconds(() => eager.Step(), isQuick ? 1 : @case.EagerSteps));
            fast.Add(Seconds(() => training.Step(cancellation), steps));
        }

        double eagerSeconds = Median(slow), engineSeconds = Median(fast), keys = (double)@case.Blocks * Block;
        var work = (2 * keys * @case.DModel * @case.DModel + 2 * keys * Batch * @case.DModel) / 1e9 / engineSeconds / (Peak * threads);
        return new Row(@case.Name, kind, threads, eagerSeconds, engineSeconds, eagerSeconds / engineSeconds, work, training.Search.Passes - before.Passes, training.Search.DirectPasses - before.DirectPasses, training.Search.Agreement);
    }

    private double Seconds(Action step, int steps)
    {
        var clock = Stopwatch.StartNew();
        for (var done = 0; done < steps; done++)
        {
            cancellation.ThrowIfCancellationRequested();
            step();
        }

        return clock.Elapsed.TotalSeconds / steps;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return (values[(values.Count - 1) / 2] + values[values.Count / 2]) / 2;
    }
}
