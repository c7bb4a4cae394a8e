using System.CommandLine;
using Spectre.Console;
using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Nulls;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli;

/// <summary><c>circuit RUN</c>, or <c>circuit MODEL --partitions DIR --out DIR</c> with partitions from anywhere.</summary>
internal static class CircuitCommand
{
    private static readonly Argument<string> Source = new("RUN") { Description = "Run folder; with --partitions a model." };
    private static readonly Option<string?> Partitions = new("--partitions") { Description = "Folder with one partition in each subfolder; RUN is then a model." };
    private static readonly Option<string?> Out = new("--out") { Description = "Folder for circuit.json, with --partitions." };
    private static readonly Option<double> Coverage = new("--coverage") { Description = "Share of the incoming variance that the kept edges cover at every target.", DefaultValueFactory = _ => 0.9 };

    public static Command Create()
    {
        var command = new Command("circuit", "Read the circuit from weights and partitions.") { Source, Partitions, Out, Coverage };
        command.SetAction(parsed => CommandContext.Run(parsed, context => Print(context, context.Get(Partitions) is { } folder ? FromPartitions(context, folder) : FromRun(context))));
        return command;
    }

    private static string FromRun(CommandContext context)
    {
        var run = RunFolder.Open(context.Get(Source));
        using var model = context.ReadModel(run.Manifest.Model.Path);
        run.RequireModel(model);
        using var progress = new ProgressDisplay();
        var analysis = new Analysis(run, model, model.Weights, progress, context.Cancellation);
        analysis.CircuitAnew(context.Get(Coverage));
        return run.PathOf("circuit.json");
    }

    private static string FromPartitions(CommandContext context, string folder)
    {
        using var model = context.ReadModel(context.Get(Source));
        var partitions = PartitionFiles.ReadAll(folder);
        try
        {
            var partitioned = new PartitionedModel(model.Weights, partitions);
            var circuit = CircuitSelection.ByCoverage(CircuitNulls.With(partitioned, CircuitBuilder.Candidates(partitioned)), context.Get(Coverage));
            var path = Path.Combine(context.Get(Out) ?? ".", "circuit.json");
            Json.Write(path, CircuitFiles.Document(circuit, context.Get(Coverage), new Dictionary<string, string>()));
            return path;
        }
        catch (ArgumentException inner) when (inner is not { ParamName: not null })
        {
            throw new CheckpointException(folder, inner.Message.TrimEnd('.'), inner);
        }
        finally
        {
            foreach (var partition in partitions)
                partition.Dispose();
        }
    }

    private static void Print(CommandContext context, string path)
    {
        var (circuit, document) = CircuitFiles.Read(path);
        context.Result(new { Circuit = path, document.Coverage, Kept = circuit.Kept.Count(), Of = circuit.Edges.Count, document.Nodes, document.Edges }, console =>
        {
            console.Write(AnalysisOutput.Edges(circuit, document));
            console.MarkupLineInterpolated($"{circuit.Kept.Count()} of {circuit.Edges.Count} edges: {path}");
        });
    }
}
