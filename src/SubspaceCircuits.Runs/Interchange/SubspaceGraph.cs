using System.Globalization;
using System.Text.Json;
using SubspaceCircuits.Circuits;

namespace SubspaceCircuits.Runs.Interchange;

/// <summary>
/// A circuit between subspaces as an <see cref="AttributionGraph"/>, so that viewers of circuit-tracer and Neuronpedia show it. It is read
/// from weights, so there is no prompt: a column stands for a kind of node, a row for a stage of the computation (a site, the heads
/// of a layer, an MLP). Heads and MLPs are nodes between the subspaces that they read and write.
/// </summary>
/// <remarks>
/// Links of the same ends are one, with the sum of their scores. A pair of query and key counts half for each, so that what arrives
/// at a head adds up to its kept pairs. Which subspaces are paired is lost; <c>circuit.json</c> has it.
/// </remarks>
public static class SubspaceGraph
{
    private const string Source = "Subspace Circuits";

    // In the order of NodeKind: feature_type, and the label of the column.
    private static readonly (string Type, string Column)[] Kinds =
        [("embedding", "embed"), ("embedding", "pos"), ("subspace", "subspaces"), ("attention head", "heads"), ("mlp", "MLPs"), ("constant", "const"), ("logit", "logits")];

    /// <summary>The graph of the kept edges.</summary>
    /// <param name="circuit">The circuit; its nodes in the order of the computation.</param>
    /// <param name="labels">Label of a subspace by its id, where it has one.</param>
    /// <param name="name">Name of the model.</param>
    /// <param name="score">Name of the score that becomes the weight of a link, as in <see cref="ScoreName"/>.</param>
    /// <param name="coverage">Coverage that the circuit was chosen with.</param>
    /// <param name="created">When.</param>
    /// <exception cref="ArgumentException">No edge is kept, an edge names a node that is not there or that comes before it, or has no such score.</exception>
    public static AttributionGraph Of(Circuit circuit, IReadOnlyDictionary<string, string> labels, string name, string score, double coverage, DateTimeOffset created)
    {
        Dictionary<(string Source, string Target), double> weights = [];
        foreach (var (source, target, weight) in circuit.Kept.SelectMany(edge => Links(edge, ScoreName.Of(edge, score))))
            weights[(source, target)] = weights.GetValueOrDefault((source, target)) + weight;
        if (weights.Count == 0)
            throw new ArgumentException("The circuit keeps no edge; there is nothing to show.");

        var order = circuit.Nodes.Select((node, index) => (node.Id, index)).DistinctBy(node => node.Id).ToDictionary(node => node.Id, node => node.index);
        foreach (var (source, target) in weights.Keys)
        {
            if (!order.TryGetValue(source, out var from) || !order.TryGetValue(target, out var to) || from >= to)
                throw new ArgumentException($"The edge {Shown.Text($"{source} -> {target}")} should lead from one node of the circuit to a later one, but does not.");
        }

        var influence = Influence([.. circuit.Nodes.Select(node => node.Id)], weights);
        var used = weights.Keys.SelectMany(ends => (string[])[ends.Source, ends.Target]).ToHashSet();
        var nodes = Numbered(circuit).Where(node => used.Contains(node.Node.Id) || node.Node.Kind is NodeKind.Logits).ToDictionary(node => node.Node.Id,
            node => Node(node.Node, node.Row, node.Index, labels.GetValueOrDefault(node.Node.Id)) with { Influence = influence.TryGetValue(node.Node.Id, out var share) ? share : null });
        return new AttributionGraph(Metadata(name, score, coverage, created),
            new GraphQuery { PinnedIds = [], Supernodes = [], LinkType = "both", ClickedId = "", SubgraphPositions = "" },
            [.. nodes.Values], [.. weights.Select(link => new GraphLink(nodes[link.Key.Source].NodeId, nodes[link.Key.Target].NodeId, link.Value))]);
    }

    private static IEnumerable<(string Source, string Target, double Weight)> Links(CircuitEdge edge, double score) => edge switch
    {
        { Kind: EdgeKind.Qk } => [(edge.Query!, edge.Via!, score / 2), (edge.Key!, edge.Via!, score / 2)],
        { Via: { } via } => [(edge.From!, via, score), (via, edge.To!, score)],
        _ => [(edge.From!, edge.To!, score)],
    };

    /// <summary>Every node with its row, from 1 (row 0 is that of the input in one of the viewers), and its number in the row.</summary>
    private static IEnumerable<(CircuitNode Node, int Row, int Index)> Numbered(Circuit circuit)
    {
        var (stage, row, index) = ("", 0, 0);
        foreach (var node in circuit.Nodes)
        {
            if (node.Kind is NodeKind.Embed or NodeKind.Pos or NodeKind.Const)
            {
                yield return (node, 0, (int)node.Kind);
                continue;
            }

            var here = node.Site ?? node.Id.Split('.')[0];
            (row, index) = here == stage ? (row, index + 1) : (row + 1, 0);
            stage = here;
            yield return (node, row, index);
        }
    }

    private static GraphNode Node(CircuitNode node, int row, int index, string? label)
    {
        var column = (int)node.Kind;
        var layer = row == 0 ? "E" : row.ToString(CultureInfo.InvariantCulture);
        var isLogits = node.Kind is NodeKind.Logits;
        var clerp = node switch
        {
            // Viewers take the probability out of this very form.
            { Kind: NodeKind.Logits } => "Output \"logits\" (p=1.000)",
            { Kind: NodeKind.Const } => "const: means and biases",
            { Size: { } size } => $"{node.Id}: {(label is null ? "" : $"{label}, ")}{size} {(size == 1 ? "dimension" : "dimensions")}",
            _ => node.Id,
        };
        return new GraphNode($"{layer}_{index}_{column}", row == 0 ? column : isLogits ? index : Pairing(row, index), layer, column, Kinds[column].Type,
            row == 0 || isLogits ? $"{(isLogits ? "L" : layer)}_{index}-{column}" : $"{layer}_{index}-0", clerp)
        {
            TokenProb = isLogits ? 1 : 0,
            IsTargetLogit = isLogits,
        };
    }

    private static long Pairing(long layer, long index) => ((layer + index) * (layer + index + 1) / 2) + index;

    /// <summary>
    /// The share of the influence on the logits that a node and all of greater influence have, as circuit-tracer prunes by it: influence
    /// is what flows back from the logits when every node hands its own to its sources in proportion to the magnitudes of their weights.
    /// </summary>
    private static Dictionary<string, double> Influence(IReadOnlyList<string> nodes, IReadOnlyDictionary<(string Source, string Target), double> weights)
    {
        var into = weights.ToLookup(link => link.Key.Target, link => (link.Key.Source, Weight: Math.Abs(link.Value)));
        var influence = nodes.Distinct().ToDictionary(node => node, node => node == "logits" ? 1.0 : 0);
        foreach (var target in nodes.Reverse())
        {
            var sum = into[target].Sum(link => link.Weight);
            if (sum == 0)
                continue;
            foreach (var (source, weight) in into[target])
                influence[source] += influence[target] * weight / sum;
        }

        influence.Remove("logits");
        var total = influence.Values.Sum();
        var sofar = 0.0;
        return total > 0 ? influence.OrderByDescending(node => node.Value).Select(node => (node.Key, Share: Math.Min(1, (sofar += node.Value) / total))).ToDictionary() : [];
    }

    private static GraphMetadata Metadata(string name, string score, double coverage, DateTimeOffset created) => new(Slug(name), name, [.. Kinds.Select(kind => kind.Column)], $"{name}: read from its weights, for all prompts")
    {
        TranscoderList = [],
        NodeThreshold = 1,
        SchemaVersion = 1,
        Info = new GraphInfo($"Subspaces of the residual stream and what carries information between them; weights are {score}.", Source, [], new GraphGenerator(Source, NewRun.Version), created.ToUnixTimeMilliseconds()),
        GenerationSettings = new Dictionary<string, JsonElement> { ["score"] = JsonSerializer.SerializeToElement(score) },
        PruningSettings = double.IsFinite(coverage) ? new Dictionary<string, JsonElement> { ["coverage"] = JsonSerializer.SerializeToElement(coverage) } : null,
    };

    private static string Slug(string name)
    {
        var letters = string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : '-'));
        var slug = string.Join('-', letters.Split('-', StringSplitOptions.RemoveEmptyEntries));
        return slug.Length > 0 ? slug : "circuit";
    }
}
