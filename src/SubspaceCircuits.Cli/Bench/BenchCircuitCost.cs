using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;
using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Nulls;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench;

/// <summary><c>bench circuit-cost</c>: seconds and memory for all candidate edges of a model of GPT-2 small's shape, and for their scores beside chance. Weights and partitions are random.</summary>
internal static class BenchCircuitCost
{
    private static readonly Option<int> Layers = new("--layers") { Description = "Layers; 12 is GPT-2 small.", DefaultValueFactory = _ => 12 };
    private static readonly Option<int> Subspaces = new("--subspaces") { Description = "Subspaces at each site.", DefaultValueFactory = _ => 12 };

    private static readonly Option<int> Vocabulary = new("--vocabulary") { Description = "Tokens.", DefaultValueFactory = _ => 50_257 };

    /// <summary>Seconds on the clock, and of all processors together.</summary>
    private sealed record Cost(double Seconds, double ProcessorSeconds)
    {
        public static Cost operator +(Cost a, Cost b) => new(a.Seconds + b.Seconds, a.ProcessorSeconds + b.ProcessorSeconds);
    }

    /// <summary>What was measured; candidates hold all parts but chance.</summary>
    private sealed record Output(string Suite, int Threads, int Layers, int Edges, Cost Candidates, Cost Chance, double PeakGigabytes, IReadOnlyDictionary<string, Cost> Parts);

    public static Command Create()
    {
        var command = new Command("circuit-cost", "Seconds and memory of all candidate edges and their scores beside chance, with random weights of GPT-2 small's shape.") { Layers, Subspaces, Vocabulary };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        context.UseThreads();
        var config = new ModelConfig { NLayers = context.Get(Layers), NHeads = 12, DModel = 768, DHead = 64, DMlp = 3072, DVocab = context.Get(Vocabulary), NCtx = 1024 };
        config.Validate();
        if (context.Get(Subspaces) < 1 || context.Get(Subspaces) > config.DModel)
            throw new ArgumentException($"--subspaces should be from 1 to {config.DModel}, but is {context.Get(Subspaces)}.");
        var generator = new Generator((ulong)context.Seed);
        using var weights = RandomWeights(config, generator);
        Partition[] partitions = [.. Site.All(config).Select(site => RandomPartition(site, config.DModel, context.Get(Subspaces), generator))];
        var model = new PartitionedModel(weights, partitions);

        var costs = new SortedDictionary<string, Cost>(StringComparer.Ordinal);
        var edges = Timed(costs, "candidates", () => CircuitBuilder.Candidates(model).Edges.Count);
        costs.Remove("candidates", out var candidates);
        for (var layer = 0; layer < config.NLayers; layer++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            MeasureAttention(model, layer, costs);
            MeasureMlp(model, layer, costs);
        }

        MeasureEnds(model, costs);
        var chance = costs.Where(part => part.Key.EndsWith("chance", StringComparison.Ordinal)).Aggregate(new Cost(0, 0), (sum, part) => sum + part.Value);
        using var process = Process.GetCurrentProcess();
        var result = new Output("circuit-cost", context.Threads, config.NLayers, edges, candidates!, chance, process.PeakWorkingSet64 / 1e9, costs);
        foreach (var partition in partitions)
            partition.Dispose();
        context.Result(result, console => Print(console, result));
    }

    private static void Print(IAnsiConsole console, Output result)
    {
        var table = new Table().Border(TableBorder.Markdown).AddColumns("part", "seconds", "processor seconds");
        void Add(string part, Cost cost) => table.AddRow(part, $"{cost.Seconds:0.00}", $"{cost.ProcessorSeconds:0.00}");
        Add($"all {result.Edges} candidate edges", result.Candidates);
        Add("chance, all of it", result.Chance);
        foreach (var (part, cost) in result.Parts)
            Add(part, cost);
        console.Write(table);
        console.WriteLine($"Peak memory {result.PeakGigabytes:0.0} GB, {result.Threads} thread{(result.Threads == 1 ? "" : "s")}.");
    }

    private static void MeasureAttention(PartitionedModel model, int layer, SortedDictionary<string, Cost> costs)
    {
        var (read, write) = model.AroundAttention(layer);
        var attention = model.Weights.Blocks[layer].Attention;
        using var map = new ReadMap(model.Weights.Blocks[layer].Ln1, model.Weights.Config.Epsilon, read);
        int[] heads = [.. Enumerable.Range(0, model.Weights.Config.NHeads)];
        double[][,] qk = Timed(costs, "QK", () => heads.Select(head => QkBlocks.Of(read, map, attention, head).Energy).ToArray());
        double[][,] ov = Timed(costs, "OV", () => heads.Select(head => OvBlocks.Of(read, write, map, attention, head).Energy).ToArray());
        var stream = Timed(costs, "passthrough", () => PassthroughBlocks.Of(read, write).Energy);
        Timed(costs, "QK, chance", () => EnergyNulls.OfQk(read, map, attention, qk));
        Timed(costs, "OV, chance", () => heads.Select(head => EnergyNulls.OfOv(read, write, map, attention, head, ov[head])).ToArray());
        Timed(costs, "passthrough, chance", () => EnergyNulls.OfPassthrough(read, write, stream));
    }

    private static void MeasureMlp(PartitionedModel model, int layer, SortedDictionary<string, Cost> costs)
    {
        var (read, write) = model.AroundMlp(layer);
        var mlp = model.Weights.Blocks[layer].Mlp!;
        using var map = new ReadMap(model.Weights.Blocks[layer].Ln2, model.Weights.Config.Epsilon, read);
        var blocks = Timed(costs, "MLP", () => MlpBlocks.Of(read, write, map, mlp, model.Weights.Config.Activation));
        var stream = Timed(costs, "passthrough", () => PassthroughBlocks.Of(read, write).Energy);
        Timed(costs, "MLP, chance", () => EnergyNulls.OfMlp(read, write, map, mlp, blocks.Energy));
        Timed(costs, "passthrough, chance", () => EnergyNulls.OfPassthrough(read, write, stream));
    }

    private static void MeasureEnds(PartitionedModel model, SortedDictionary<string, Cost> costs)
    {
        var (first, last, weights) = (model.Partitions[0], model.Last, model.Weights);
        using var map = new ReadMap(weights.LnFinal, weights.Config.Epsilon, last);
        var embedding = Timed(costs, "embedding", () => EndBlocks.Embedding(weights.WE, first).Energy);
        var unembedding = Timed(costs, "unembedding", () => EndBlocks.Unembedding(last, map, weights.WU).Energy);
        Timed(costs, "embedding, chance", () => EnergyNulls.OfEmbedding(weights.WE, first, embedding));
        Timed(costs, "unembedding, chance", () => EnergyNulls.OfUnembedding(last, map, weights.WU, unembedding));
    }

    private static T Timed<T>(SortedDictionary<string, Cost> costs, string part, Func<T> measured)
    {
        static double Processor()
        {
            using var process = Process.GetCurrentProcess();
            return process.TotalProcessorTime.TotalSeconds;
        }

        var (clock, before) = (Stopwatch.StartNew(), Processor());
        var result = measured();
        costs[part] = costs.GetValueOrDefault(part, new Cost(0, 0)) + new Cost(clock.Elapsed.TotalSeconds, Processor() - before);
        return result;
    }

    private static Weights RandomWeights(ModelConfig config, Generator generator)
    {
        using var scope = NewDisposeScope();
        var tensors = WeightNames.Shapes(config).ToDictionary(entry => entry.Name, entry => 0.02f * randn(entry.Shape, generator: generator));
        return WeightNames.Assemble(config, name => tensors[name]);
    }

    private static Partition RandomPartition(Site site, int d, int subspaces, Generator generator)
    {
        using var scope = NewDisposeScope();
        int[] sizes = [.. Enumerable.Range(0, subspaces).Select(unit => d / subspaces + (unit < d % subspaces ? 1 : 0))];
        var factor = randn(d, d, generator: generator) / Math.Sqrt(d);
        return new Partition(site, Rotation.Random(d, generator), sizes, 0.1f * randn(d, generator: generator), factor.matmul(factor.T));
    }
}
