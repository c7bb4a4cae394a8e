using SubspaceCircuits.Backend;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Published;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench.PartitionSpeed;

/// <summary>Where trainings end: the engine against the eager implementation, and look-ahead against exact search where eager steps would take a day.</summary>
internal static class ConvergenceSuite
{
    /// <summary>Blocks of keys at most, so that a training takes minutes.</summary>
    public const int MostBlocks = 5;

    private const int Steps = 2_000, QuickSteps = 40, EvaluationBatches = 100, InformationBatches = 8, FreshBlocks = 4;
    private const double MergeThreshold = 0.04; // the published one: in isotropic data chance reaches .02

    /// <summary>Two trainings from the identity on the same activations, in the same order.</summary>
    /// <param name="Shape">Shape.</param>
    /// <param name="Data">Kind of activations.</param>
    /// <param name="Steps">Steps of both.</param>
    /// <param name="Baseline">eager, or exact.</param>
    /// <param name="Engine">exact, or lookahead.</param>
    /// <param name="Start">Mean nearest distance of the identity.</param>
    /// <param name="BaselineLoss">Of the baseline's rotation.</param>
    /// <param name="EngineLoss">Of the engine's.</param>
    /// <param name="Difference">Engine over baseline, less 1.</param>
    /// <param name="BaselineMerges">Groups that the baseline merged: step and subspaces.</param>
    /// <param name="IsSameMerges">Whether the engine merged the same at every check.</param>
    /// <param name="Agreement">Share of audited nearest keys that look-ahead found, 1 in exact search.</param>
    /// <param name="LossExcess">By how much distances found by look-ahead exceed the least.</param>
    internal sealed record Row(string Shape, string Data, int Steps, string Baseline, string Engine, double Start, double BaselineLoss, double EngineLoss, double Difference,
        IReadOnlyList<string> BaselineMerges, bool IsSameMerges, double Agreement, double LossExcess);

    public static Row Measure(PartitionShape measured, string kind, int seed, int threads, bool isQuick, IProgress<string> progress, CancellationToken cancellation)
    {
        ComputeThreads.Use(threads);
        using var scope = NewDisposeScope();
        var shape = measured with { Blocks = Math.Min(measured.Blocks, MostBlocks) };
        var activations = shape.Activations(kind, seed);
        var steps = isQuick ? QuickSteps : Steps;
        var isLookahead = shape.LookaheadSteps > 0;
        PartitionSettings Settings(SearchMode search, UpdateMode update) => shape.Settings(threads, search, update) with
        {
            MaxSteps = steps,
            MergeStart = steps / 4,
            MergeInterval = steps / 4,
            MergeThreshold = MergeThreshold,
            InformationBatches = InformationBatches,
            InformationBlocks = shape.InformationBlocks,
        };

        // 1. The baseline.
        List<MergeCheck> expected = [];
        Tensor baseline;
        IReadOnlyList<int> sizes;
        using (var buffer = PartitionShape.Buffer(activations))
        {
            if (isLookahead)
            {
                using var training = new PartitionTraining(buffer, eye(shape.DModel), Settings(SearchMode.Exact, UpdateMode.Exact));
                Train(() => training.Step(cancellation), () => training.IsMergeDue, () => training.TryMerge(cancellation));
                (baseline, sizes) = (training.CurrentRotation(), training.Sizes);
                expected.AddRange(training.Checks);
            }
            else
            {
                using var training = new EagerPartitionTraining(buffer, eye(shape.DModel), Settings(SearchMode.Exact, UpdateMode.Exact));
                Train(() => training.Step(), () => training.IsMergeDue, () => expected.Add(training.TryMerge(cancellation)));
                (baseline, sizes) = (training.CurrentRotation(), training.Sizes);
            }
        }

        // 2. The engine, on the same activations.
        using var own = PartitionShape.Buffer(activations);
        using var engine = new PartitionTraining(own, eye(shape.DModel), isLookahead ? Settings(SearchMode.Lookahead, UpdateMode.Fast) : Settings(SearchMode.Exact, UpdateMode.Exact));
        Train(() => engine.Step(cancellation), () => engine.IsMergeDue, () => engine.TryMerge(cancellation));

        // 3. Mean nearest distances on the same batches.
        double Loss(Tensor rotation, IReadOnlyList<int> subspaces)
        {
            using var buffer = PartitionShape.Buffer(activations);
            return NeighborDistance.Evaluate(buffer, rotation, subspaces, isQuick ? 2 : EvaluationBatches, PartitionShape.BatchSize, shape.Blocks, threads, cancellation).Average();
        }

        var (least, found) = (Loss(baseline, sizes), Loss(engine.CurrentRotation(), engine.Sizes));
        return new Row(shape.Name, kind, steps, isLookahead ? "exact" : "eager", isLookahead ? "lookahead" : "exact", Loss(eye(shape.DModel), sizes), least, found, found / least - 1,
            [.. Merges(expected)], Merges(expected).SequenceEqual(Merges(engine.Checks)), engine.Search.Agreement, engine.Search.LossExcess);

        void Train(Action step, Func<bool> isMergeDue, Action merge)
        {
            for (var done = 1; done <= steps; done++)
            {
                cancellation.ThrowIfCancellationRequested();
                step();
                if (isMergeDue())
                    merge();
                if (done % 500 == 0)
                    progress.Report($"convergence, {shape.Name}, {kind}: {done} steps");
            }
        }
    }

    private static IEnumerable<string> Merges(IEnumerable<MergeCheck> checks) =>
        checks.SelectMany(check => check.Groups.Select(group => $"{check.Step}: {string.Join("+", group)}"));
}
