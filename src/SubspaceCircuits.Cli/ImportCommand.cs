using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using SubspaceCircuits.Runs.Interchange;

namespace SubspaceCircuits.Cli;

/// <summary><c>import FILE</c>: checks a circuit in the JSON of other software, sums it up, and compares it with ours.</summary>
internal static class ImportCommand
{
    private const int MostEdges = 20, MostNamed = 10;

    private static readonly Argument<string> Source = new("FILE") { Description = "Graph of EAP-IG or MIB, or of circuit-tracer or Neuronpedia." };
    private static readonly Option<string?> Compare = new("--compare") { Description = "Run folder or circuit.json of the same model, to compare an EAP-IG graph with." };
    private static readonly Option<string> Score = ExportCommand.ScoreOption();

    private sealed record TopEdge(string From, string To, double Score);

    public static Command Create()
    {
        var command = new Command("import", "Check and sum up a circuit of EAP-IG or circuit-tracer; compare it with a run.") { Source, Compare, Score };
        command.SetAction(parsed => CommandContext.Run(parsed, context =>
        {
            var path = context.Get(Source);
            switch (PublishedGraph.Read(path))
            {
                case EapGraph graph:
                    Print(context, path, graph);
                    break;
                case AttributionGraph graph:
                    Print(context, path, graph);
                    break;
            }
        }));
        return command;
    }

    private static void Print(CommandContext context, string path, EapGraph graph)
    {
        var comparison = context.Get(Compare) is { } other ? GraphComparison.Of(graph, ExportCommand.ReadCircuit(other).Circuit, context.Get(Score)) : null;
        var kept = graph.Edges.Where(edge => edge.Value.InGraph).OrderByDescending(edge => Math.Abs(edge.Value.Score)).ToArray();
        var document = new
        {
            File = path,
            Format = "eap",
            Model = new { graph.Cfg.NLayers, graph.Cfg.NHeads, graph.Cfg.DModel, graph.Cfg.ParallelAttnMlp },
            Nodes = graph.Nodes.Count,
            NodesInGraph = graph.Nodes.Count(node => node.Value.InGraph is true || node.Key == "logits"),
            Edges = graph.Edges.Count,
            Of = graph.Candidates,
            EdgesInGraph = kept.Length,
            Top = kept.Take(MostEdges).Select(edge => (Ends: edge.Key.Split("->"), edge.Value.Score)).Select(edge => new TopEdge(edge.Ends[0], edge.Ends[1], edge.Score)).ToArray(),
            Comparison = comparison,
        };
        context.Result(document, console =>
        {
            console.WriteLine($"EAP-IG graph of {graph.Cfg.NLayers} layers with {graph.Cfg.NHeads} heads: {document.NodesInGraph} nodes and {document.EdgesInGraph} edges in the graph; {document.Edges} of {document.Of} edges have a score");
            console.Write(Table(document.Top));
            if (comparison is null)
                return;
            console.WriteLine($"beside ours: {comparison.Both.Count} edges in both, {comparison.OnlyTheirs.Count} only in theirs, {comparison.OnlyOurs.Count} only in ours; rank correlation of {context.Get(Score)} with the magnitude of their score over {comparison.Candidates} edges: {comparison.Spearman?.ToString("0.000", CultureInfo.InvariantCulture) ?? "-"}");
            foreach (var (name, edges) in new[] { ("only in theirs", comparison.OnlyTheirs), ("only in ours", comparison.OnlyOurs) }.Where(list => list.Item2.Count > 0))
                console.WriteLine($"  {name}: {string.Join(", ", edges.Take(MostNamed))}{(edges.Count > MostNamed ? ", …" : "")}");
        });
    }

    private static void Print(CommandContext context, string path, AttributionGraph graph)
    {
        if (context.Get(Compare) is not null)
            throw new ArgumentException("--compare takes an EAP-IG graph: edges between features have no counterpart in a circuit between subspaces.");
        var labels = graph.Nodes.DistinctBy(node => node.NodeId).ToDictionary(node => node.NodeId, node => node.Clerp.Length > 0 ? node.Clerp : node.NodeId);
        var document = new
        {
            File = path,
            Format = "attribution",
            graph.Metadata.Slug,
            graph.Metadata.Scan,
            graph.Metadata.Prompt,
            Nodes = graph.Nodes.Count,
            FeatureTypes = graph.Nodes.CountBy(node => node.FeatureType).ToDictionary(),
            Links = graph.Links.Count,
            DanglingLinks = graph.CountDangling(),
            Top = graph.Links.OrderByDescending(link => Math.Abs(link.Weight)).Take(MostEdges)
                .Select(link => new TopEdge(labels.GetValueOrDefault(link.Source, link.Source), labels.GetValueOrDefault(link.Target, link.Target), link.Weight)).ToArray(),
        };
        context.Result(document, console =>
        {
            console.WriteLine($"attribution graph {Shown.Text(document.Slug)} of {Shown.Text(document.Scan)}: {document.Nodes} nodes ({string.Join(", ", document.FeatureTypes.Select(type => $"{type.Value} {Shown.Text(type.Key, 40)}"))}), {document.Links} links{(document.DanglingLinks > 0 ? $", {document.DanglingLinks} of them to nodes that are not there" : "")}");
            console.WriteLine($"prompt  {Shown.Text(document.Prompt, 200)}");
            console.Write(Table(document.Top));
        });
    }

    private static Table Table(IReadOnlyList<TopEdge> edges)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("from", "to", "score");
        foreach (var edge in edges)
            table.AddRow(Markup.Escape(Shown.Text(edge.From)), Markup.Escape(Shown.Text(edge.To)), edge.Score.ToString("0.0000e0", CultureInfo.InvariantCulture));
        return table;
    }
}
