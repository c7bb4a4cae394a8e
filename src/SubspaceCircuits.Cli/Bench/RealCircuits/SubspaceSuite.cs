using System.Diagnostics;
using SubspaceCircuits.Circuits;
using SubspaceCircuits.Interventions;
using SubspaceCircuits.Interventions.Pruning;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Cli.Bench.RealCircuits;

/// <summary>The fewest edges between the subspaces of a run that predict as the whole model does; norms are recomputed.</summary>
internal static class SubspaceSuite
{
    private const int Confirming = 500;

    /// <summary>One row for each goal, the highest first.</summary>
    public static IEnumerable<RealCircuitRow> Measure(string name, Weights weights, IReadOnlyList<Partition> partitions, ITask task, ComponentSearch search, IReadOnlyList<double> goals, CancellationToken cancellation)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var ranges = ComponentSuite.RangesOf(task, weights.Config);
        var to = Math.Min(search.To, Math.Min(ranges[^1].To, task.Lengths.Max));
        var partitioned = new PartitionedModel(weights, partitions);
        var candidates = CircuitBuilder.Candidates(partitioned);
        using var model = new GatedTransformer(partitioned, candidates, search.Ablation);
        using var problem = new PruningProblem(model, weights, task, new PruningSamples { From = search.From, To = to, Held = search.Held, Seed = search.Seed },
            kept => Connected(candidates, kept), Groups(candidates));
        var fresh = ComponentSuite.Draw(task, search, search.From, to, Confirming, 0);
        bool[] start = [.. candidates.Edges.Select(_ => true)];
        PruningResult? before = null;
        foreach (var goal in goals)
        {
            var clock = Stopwatch.StartNew();
            start = before is { IsReached: true } ? [.. before.Kept] : start;
            var result = GreedyPruning.Run(problem, problem.RemovalDivergences(start, cancellation), new GreedySettings { Goal = goal, RefitSteps = search.RefitSteps }, start, null, cancellation);
            before = result;
            var confirmed = Row(search.From, to, fresh);
            var place = candidates.Edges.Select((edge, at) => (edge, at)).ToDictionary(pair => pair.edge, pair => pair.at);
            var components = ComponentGraph.Edges(candidates.Keep(edge => result.Kept[place[edge]])).Count;
            yield return new RealCircuitRow(name, "subspace", "recomputed", search.Ablation.ToString().ToLowerInvariant(), "greedy", goal, search.From, to, search.Seed, result.Edges, model.EdgeCount, result.IsReached,
                confirmed.Match >= goal, result.Held.MatchAccuracy, 1, confirmed, [.. ranges.Select((range, index) => Row(range.From, range.To, ComponentSuite.Draw(task, search, range.From, range.To, Confirming, index + 1)))],
                Math.Round(clock.Elapsed.TotalSeconds, 1), [.. candidates.Edges.Where((_, edge) => result.Kept[edge]).Select(NameOf)])
            { ComponentEdges = components, Search = search.Name };

            RangeRow Row(int from, int until, IReadOnlyList<TaskSample> drawn)
            {
                using var samples = new GatedSamples(weights, task, drawn, cancellation);
                return RangeRow.Of(from, until, problem.Measure("fresh", result.Kept, samples, cancellation), ComponentSuite.Right(task, weights, drawn));
            }
        }
    }

    private static bool[] Connected(Circuit candidates, IReadOnlyList<bool> kept)
    {
        var place = 0;
        return [.. CircuitSelection.WithoutDangling(candidates.Keep(_ => kept[place++])).Edges.Select(edge => edge.IsKept)];
    }

    /// <summary>Whole components, and all that leaves or reaches a subspace.</summary>
    private static int[][] Groups(Circuit candidates)
    {
        IEnumerable<string> Ends(CircuitEdge edge) => new[] { edge.Via is { } via ? $"{edge.Kind} {via}" : null, edge.From is { } from ? $"from {from}" : null, edge.To is { } to ? $"to {to}" : null }.OfType<string>();
        return [.. candidates.Edges.SelectMany((edge, at) => Ends(edge).Select(end => (end, at))).GroupBy(pair => pair.end).Select(group => group.Select(pair => pair.at).ToArray()).Where(group => group.Length > 1)];
    }

    private static string NameOf(CircuitEdge edge) => edge.Kind is EdgeKind.Qk ? $"{edge.Via}: {edge.Query} x {edge.Key}" : $"{(edge.Via is null ? "" : $"{edge.Via}: ")}{edge.From}->{edge.To}";
}
