using System.CommandLine;
using Spectre.Console;
using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Circuits;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Runs.Interchange;

namespace SubspaceCircuits.Cli;

/// <summary><c>export RUN --format eap|attribution --out FILE</c>: a circuit in the JSON of other software.</summary>
internal static class ExportCommand
{
    private static readonly Argument<string> Source = new("RUN") { Description = "Run folder with a circuit, or a circuit.json." };
    private static readonly Option<string> Format = new("--format") { Description = "eap (between components; EAP-IG, MIB) or attribution (between subspaces; circuit-tracer, Neuronpedia).", Required = true };
    private static readonly Option<string> Out = new("--out") { Description = "File to write.", Required = true };
    private static readonly Option<string> Score = ScoreOption();

    static ExportCommand() => Format.AcceptOnlyFromAmong("eap", "attribution");

    public static Command Create()
    {
        var command = new Command("export", "Write a circuit as EAP-IG or circuit-tracer write theirs.") { Source, Format, Out, Score };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    /// <summary>Which score of an edge counts.</summary>
    public static Option<string> ScoreOption()
    {
        var option = new Option<string>("--score") { Description = "Score of the edges: energy, energy_share, variance or variance_share.", DefaultValueFactory = _ => "variance_share" };
        option.AcceptOnlyFromAmong("energy", "energy_share", "variance", "variance_share");
        return option;
    }

    /// <summary>Reads the circuit of a run folder or a file, with the name of its model.</summary>
    public static (Circuit Circuit, CircuitDocument Document, string Name) ReadCircuit(string path)
    {
        var run = Directory.Exists(path) ? RunFolder.Open(path) : null;
        var file = run?.PathOf("circuit.json") ?? path;
        var (circuit, document) = CircuitFiles.Read(file);
        if (circuit.Edges.FirstOrDefault(edge => !IsWhole(edge)) is { } broken)
            throw new CheckpointException(file, $"expected a query, a key and a head of every qk edge, a from and a to of all others, and what ov and mlp edges go through, but an edge of kind {broken.Kind.ToString().ToLowerInvariant()} lacks one");
        return (circuit, document, run?.Manifest.Model.Name ?? Path.GetFileNameWithoutExtension(path));
    }

    private static bool IsWhole(CircuitEdge edge) => edge.Kind is EdgeKind.Qk ? edge is { Via: not null, Query: not null, Key: not null }
        : edge is { From: not null, To: not null } && (edge.Kind is not (EdgeKind.Ov or EdgeKind.Mlp) || edge.Via is not null);

    private static void Run(CommandContext context)
    {
        var (circuit, document, name) = ReadCircuit(context.Get(Source));
        var (format, path, score) = (context.Get(Format), context.Get(Out), context.Get(Score));
        var (nodes, edges) = format == "eap" ? WriteEap(EapGraph.Of(circuit, score), path) : WriteAttribution(SubspaceGraph.Of(circuit,
            document.Nodes.Where(node => node.Label is not null).DistinctBy(node => node.Id).ToDictionary(node => node.Id, node => node.Label!), name, score, document.Coverage, DateTimeOffset.UtcNow), path);
        context.Result(new { File = path, Format = format, Score = score, Nodes = nodes, Edges = edges }, console => console.WriteLine($"{nodes} nodes and {edges} edges in the graph: {path}"));
    }

    private static (int Nodes, int Edges) WriteEap(EapGraph graph, string path)
    {
        graph.Write(path);
        return (graph.Nodes.Count(node => node.Value.InGraph is true), graph.Edges.Count(edge => edge.Value.InGraph));
    }

    private static (int Nodes, int Edges) WriteAttribution(AttributionGraph graph, string path)
    {
        graph.Write(path);
        return (graph.Nodes.Count, graph.Links.Count);
    }
}
