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

    /// <summary>What was measured.</summary>
    private sealed record Output(string Suite, int Threads, int Layers, int Edges, double CandidateSeconds, double NullSeconds, double CpuSeconds, double PeakGigabytes, IReadOnlyDictionary<string, double> Seconds);

    public static Command Create()
    {
        var command = new Command("circuit-cost", "Seconds and memory of all candidate edges and their scores beside chance, with random weights of GPT-2 small's shape.") { Layers, Subspaces };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        context.UseThreads();
        var config = new ModelConfig { NLayers = context.Get(Layers), NHeads = 12, DModel = 768, DHead = 64, DMlp = 3072, DVocab = 50_257, NCtx = 1024 };
        config.Validate();
        if (context.Get(Subspaces) < 1 || context.Get(Subspaces) > config.DModel)
            throw new ArgumentException($"--subspaces should be from 1 to {config.DModel}, but is {context.Get(Subspaces)}.");
        var generator = new Generator((ulong)context.Seed);
        using var weights = RandomWeights(config, generator);
        Partition[] partitions = [.. Site.All(config).Select(site => RandomPartition(site, config.DModel, context.Get(Subspaces), generator))];
        var model = new PartitionedModel(weights, partitions);

        var processor = Process.GetCurrentProcess().TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        var edges = CircuitBuilder.Candidates(model).Edges.Count;
        var candidates = clock.Elapsed.TotalSeconds;
        var seconds = new SortedDictionary<string, double>(StringComparer.Ordinal);
        for (var layer = 0; layer < config.NLayers; layer++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            MeasureAttention(model, layer, seconds);
            MeasureMlp(model, layer, seconds);
        }

        MeasureEnds(model, seconds);
        var nulls = seconds.Where(part => part.Key.EndsWith("chance", StringComparison.Ordinal)).Sum(part => part.Value);
        using var process = Process.GetCurrentProcess();
        var result = new Output("circuit-cost", context.Threads, config.NLayers, edges, candidates, nulls, (process.TotalProcessorTime - processor).TotalSeconds, process.PeakWorkingSet64 / 1e9, seconds);
        foreach (var partition in partitions)
            partition.Dispose();
        context.Result(result, console =>
        {
            var table = new Table().Border(TableBorder.Markdown).AddColumns("part", "seconds");
            table.AddRow($"all {edges} candidate edges", $"{candidates:0.0}").AddRow("all chances", $"{nulls:0.0}");
            foreach (var (part, value) in seconds)
                table.AddRow(part, $"{value:0.00}");
            console.Write(table);
            console.WriteLine($"Peak memory {result.PeakGigabytes:0.0} GB, {result.Threads} threads.");
        });
    }

    private static void MeasureAttention(PartitionedModel model, int layer, SortedDictionary<string, double> seconds)
    {
        var (read, write) = model.AroundAttention(layer);
        var attention = model.Weights.Blocks[layer].Attention;
        using var map = new ReadMap(model.Weights.Blocks[layer].Ln1, model.Weights.Config.Epsilon, read);
        int[] heads = [.. Enumerable.Range(0, model.Weights.Config.NHeads)];
        double[][,] qk = Timed(seconds, "QK", () => heads.Select(head => QkBlocks.Of(read, map, attention, head).Energy).ToArray());
        double[][,] ov = Timed(seconds, "OV", () => heads.Select(head => OvBlocks.Of(read, write, map, attention, head).Energy).ToArray());
        var stream = Timed(seconds, "passthrough", () => PassthroughBlocks.Of(read, write).Energy);
        Timed(seconds, "QK, chance", () => EnergyNulls.OfQk(read, map, attention, qk));
        Timed(seconds, "OV, chance", () => heads.Select(head => EnergyNulls.OfOv(read, write, map, attention, head, ov[head])).ToArray());
        Timed(seconds, "passthrough, chance", () => EnergyNulls.OfPassthrough(read, write, stream));
    }

    private static void MeasureMlp(PartitionedModel model, int layer, SortedDictionary<string, double> seconds)
    {
        var (read, write) = model.AroundMlp(layer);
        var mlp = model.Weights.Blocks[layer].Mlp!;
        using var map = new ReadMap(model.Weights.Blocks[layer].Ln2, model.Weights.Config.Epsilon, read);
        var blocks = Timed(seconds, "MLP", () => MlpBlocks.Of(read, write, map, mlp, model.Weights.Config.Activation));
        var stream = Timed(seconds, "passthrough", () => PassthroughBlocks.Of(read, write).Energy);
        Timed(seconds, "MLP, chance", () => EnergyNulls.OfMlp(read, write, map, mlp, blocks.Energy));
        Timed(seconds, "passthrough, chance", () => EnergyNulls.OfPassthrough(read, write, stream));
    }

    private static void MeasureEnds(PartitionedModel model, SortedDictionary<string, double> seconds)
    {
        var (first, last, weights) = (model.Partitions[0], model.Last, model.Weights);
        using var map = new ReadMap(weights.LnFinal, weights.Config.Epsilon, last);
        var embedding = Timed(seconds, "embedding", () => EndBlocks.Embedding(weights.WE, first).Energy);
        var unembedding = Timed(seconds, "unembedding", () => EndBlocks.Unembedding(last, map, weights.WU).Energy);
        Timed(seconds, "embedding, chance", () => EnergyNulls.OfEmbedding(weights.WE, first, embedding));
        Timed(seconds, "unembedding, chance", () => EnergyNulls.OfUnembedding(last, map, weights.WU, unembedding));
    }

    private static T Timed<T>(SortedDictionary<string, double> seconds, string part, Func<T> measured)
    {
        var clock = Stopwatch.StartNew();
        var result = measured();
        seconds[part] = seconds.GetValueOrDefault(part) + clock.Elapsed.TotalSeconds;
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
