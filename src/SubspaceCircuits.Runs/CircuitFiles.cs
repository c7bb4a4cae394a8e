using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Circuits;

namespace SubspaceCircuits.Runs;

/// <summary>A circuit on disk: <c>circuit.json</c>.</summary>
public static class CircuitFiles
{
    private const string Schema = "subspace-circuits/circuit/1";

    /// <summary>The document of a circuit.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="coverage">Coverage it was chosen with.</param>
    /// <param name="labels">Label of a subspace by its id.</param>
    public static CircuitDocument Document(Circuit circuit, double coverage, IReadOnlyDictionary<string, string> labels)
    {
        var used = circuit.Kept.SelectMany(edge => (string?[])[edge.From, edge.To, edge.Query, edge.Key, edge.Via]).OfType<string>().ToHashSet();
        return new CircuitDocument(Schema, coverage,
            [.. circuit.Nodes.Select(node => new NodeDocument(node.Id, node.Kind, node.Site, LayerOf(node), node.Size, labels.GetValueOrDefault(node.Id), used.Contains(node.Id)))],
            [.. circuit.Edges.Select(edge => new EdgeDocument(edge.Kind, edge.Via, edge.From, edge.To, edge.Query, edge.Key, edge.Scores, edge.IsKept))]);
    }

    /// <summary>Reads a circuit.</summary>
    /// <exception cref="CheckpointException">The file is missing, or is not a circuit.</exception>
    public static (Circuit Circuit, CircuitDocument Document) Read(string path)
    {
        var document = Json.Read<CircuitDocument>(path);
        if (document.Schema != Schema)
            throw new CheckpointException(path, $"expected schema '{Schema}', but found '{document.Schema}'");
        var circuit = new Circuit(
            [.. document.Nodes.Select(node => new CircuitNode(node.Id, node.Kind, node.Site, node.Size))],
            [.. document.Edges.Select(edge => new CircuitEdge(edge.Kind, edge.Via, edge.From, edge.To, edge.Query, edge.Key, edge.Scores, edge.InCircuit))]);
        return (circuit, document);
    }

    /// <summary>Layer of a head, an MLP or a site, read from its name.</summary>
    private static int? LayerOf(CircuitNode node) => node.Kind switch
    {
        NodeKind.Subspace => Models.Site.Parse(node.Site!).Layer,
        NodeKind.Head => int.Parse(node.Id[1..node.Id.IndexOf('.', StringComparison.Ordinal)]),
        NodeKind.Mlp => int.Parse(node.Id[1..]),
        _ => null,
    };
}
