using System.Diagnostics;
using SubspaceCircuits.Interventions;
using SubspaceCircuits.Interventions.Pruning;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Cli.Bench.RealCircuits;

/// <summary>How the circuits of one model are sought.</summary>
internal sealed record ComponentSearch(ComponentNorm Norm, Ablation Ablation, string Method, int From, int To, int Held, int RefitSteps, int Seed)
{
    /// <summary>Edges of a circuit that is given, to fit its constants only; empty to seek one.</summary>
    public IReadOnlyList<string> Given { get; init; } = [];

    /// <summary>What tells it from other searches of the same model and goal.</summary>
    public string Name => $"{From}-{To}, {Held} samples, {RefitSteps} steps{(Given.Count > 0 ? $", {string.Join(' ', Given)}" : "")}";
}

/// <summary>The fewest edges between components that predict as the whole model does.</summary>
internal static class ComponentSuite
{
    private const int GivenFits = 10, Reference = 300, Confirming = 500, BatchTokens = 2_400;
    private static readonly (int From, int To)[] Lengths = [(1, 50), (51, 100), (101, 150)];

    /// <summary>One row for each goal, the highest first.</summary>
    public static IEnumerable<RealCircuitRow> Measure(string name, Weights weights, ITask task, ComponentSearch search, IReadOnlyList<double> goals, IProgress<PruningProgress>? progress, CancellationToken cancellation)
    {
        var ranges = RangesOf(task, weights.Config);
        var to = Math.Min(search.To, Math.Min(ranges[^1].To, task.Lengths.Max));
        var reference = TaskBatch.DrawEvenly(task, search.From, to, Reference, new Random(search.Seed + 1));
        var batch = Math.Clamp(BatchTokens / LongestIn(task, to), 8, 64);
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var model = new GatedComponents(weights, search.Ablation, search.Norm, reference, task.Vocabulary.Pad);
        using var problem = new PruningProblem(model, weights, task, new PruningSamples { From = search.From, To = to, Held = search.Held, Batch = batch, Seed = search.Seed },
            kept => ConnectedComponents.WithoutDangling(weights.Config, kept), ConnectedComponents.Leaving(weights.Config), kept => ConnectedComponents.Bypasses(weights.Config, kept));
        var fresh = Draw(task, search, search.From, to, Confirming, 0);
        // Steps of small models cost next to nothing.
        var more = Math.Clamp(128 / (weights.Config.DModel * weights.Config.NLayers), 1, 3);
        var learned = new LearnedSettings();
        learned = learned with { Steps = more * learned.Steps, RefitSteps = more * learned.RefitSteps };
        // Once for each model, so that what a constant norm costs is not what a short fit costs.
        if (search.Norm is ComponentNorm.Constant)
            problem.Fit([.. Enumerable.Repeat(true, model.EdgeCount)], 4 * learned.RefitSteps, 2_000_000, cancellation);
        PruningResult? before = null;
        foreach (var goal in goals)
        {
            var clock = Stopwatch.StartNew();
            var greedy = new GreedySettings { Goal = goal, RefitSteps = search.RefitSteps * more };
            // What reaches a higher goal is where the next begins.
            bool[] start = before is { IsReached: true } ? [.. before.Kept] : [.. Enumerable.Repeat(true, model.EdgeCount)];
            PruningResult Given()
            {
                bool[] kept = [.. model.Edges.Select(edge => search.Given.Contains($"{edge.Source}->{edge.Reader}"))];
                if (search.Given.FirstOrDefault(edge => model.Edges.All(other => $"{other.Source}->{other.Reader}" != edge)) is { } unknown)
                    throw new ArgumentException($"{name} has no edge {unknown}; its edges are such as {model.Edges[0].Source}->{model.Edges[0].Reader}.");
                problem.Fit(kept, search.RefitSteps * more * GivenFits, 4_000_000, cancellation);
                var held = problem.Measure(kept, cancellation);
                return new PruningResult(kept, held.MatchAccuracy >= goal, held, held);
            }

            PruningResult Learned() => LearnedPruning.Run(problem, learned with { Greedy = greedy }, progress, cancellation);
            PruningResult Greedy() => GreedyPruning.Run(problem, problem.RemovalDivergences(start, cancellation), greedy, start, progress, cancellation);
            var result = search.Given.Count > 0 ? Given() : search.Method == "learned" && before is not { IsReached: true } ? Learned() : Greedy();
            // Fewer edges may match better than all of them do with constant norms.
            if (!result.IsReached && search.Method == "both" && search.Given.Count == 0)
                result = Learned();
            result = before is null ? result : result with { Start = before.Start };
            before = result;
            var confirmed = Row(search.From, to, fresh);
            yield return new RealCircuitRow(name, "component", Name(search.Norm), Name(search.Ablation), search.Method, goal, search.From, to, search.Seed, result.Edges, model.EdgeCount, result.IsReached,
                confirmed.Match >= goal, result.Held.MatchAccuracy, result.Start.MatchAccuracy, confirmed, [.. ranges.Select((range, index) => Row(range.From, range.To, Draw(task, search, range.From, range.To, Confirming, index + 1)))],
                Math.Round(clock.Elapsed.TotalSeconds, 1), [.. model.Edges.Where((_, edge) => result.Kept[edge]).Select(edge => $"{edge.Source}->{edge.Reader}")]) with
            { Search = search.Name };

            RangeRow Row(int from, int until, IReadOnlyList<TaskSample> drawn)
            {
                using var samples = new GatedSamples(weights, task, drawn, cancellation);
                return RangeRow.Of(from, until, problem.Measure("fresh", result.Kept, samples, cancellation), Right(task, weights, drawn));
            }
        }
    }

    /// <summary>The ranges of lengths that the task has and the model can read.</summary>
    internal static (int From, int To)[] RangesOf(ITask task, ModelConfig config) => [.. Lengths.Where(range => Has(task, range.From, range.To) && LongestIn(task, range.To) <= config.NCtx)];

    /// <summary>Samples to confirm with; other numbers, other samples.</summary>
    internal static IReadOnlyList<TaskSample> Draw(ITask task, ComponentSearch search, int from, int to, int count, int which) =>
        TaskBatch.DrawEvenly(task, from, to, count, new Random(((search.Seed + 1) * 1_000_003) + which));

    /// <summary>Task accuracy of the whole model.</summary>
    internal static double Right(ITask task, Weights weights, IReadOnlyList<TaskSample> samples) =>
        (double)Evaluation.Batches(samples, weights.Config.NCtx).Sum(part => Evaluation.CountRight(task, part, weights.WE.device, tokens => Transformer.Forward(weights, tokens))) / samples.Count;

    private static string Name<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static bool Has(ITask task, int from, int to) => from <= task.Lengths.Max && Enumerable.Range(from, Math.Min(to, task.Lengths.Max) - from + 1).Any(task.HasLength);

    /// <summary>Tokens of the longest problem up to a length.</summary>
    private static int LongestIn(ITask task, int to)
    {
        var longest = Enumerable.Range(task.Lengths.Min, Math.Min(to, task.Lengths.Max) - task.Lengths.Min + 1).Last(task.HasLength);
        return task.Sample(longest, new Random(0)).Tokens.Length;
    }
}
