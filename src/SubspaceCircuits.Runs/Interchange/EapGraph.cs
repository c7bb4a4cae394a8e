using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Circuits;

namespace SubspaceCircuits.Runs.Interchange;

/// <summary>The model of an EAP-IG graph.</summary>
/// <param name="NLayers">Layers.</param>
/// <param name="NHeads">Heads in each.</param>
/// <param name="ParallelAttnMlp">Whether an MLP reads what the heads of its layer read; else it also reads them.</param>
/// <param name="DModel">Width of the residual stream.</param>
public sealed record EapConfig(int NLayers, int NHeads, bool ParallelAttnMlp, int DModel)
{
    /// <summary>What else stands there; their reader keeps it.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }
}

/// <summary>A node of an EAP-IG graph.</summary>
/// <param name="InGraph">Whether it belongs to the circuit; only <c>logits</c>, which always do, may leave it out.</param>
public sealed record EapNode([property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? InGraph = null)
{
    /// <summary>Score and neurons, where they are given.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }
}

/// <summary>An edge of an EAP-IG graph. Fields that their reader ignores are ignored.</summary>
/// <param name="Score">How strong it is; finite, of either sign.</param>
/// <param name="InGraph">Whether it belongs to the circuit.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record EapEdge(double Score, bool InGraph);

/// <summary>
/// A circuit between components as EAP-IG writes and reads it (Hanna et al. 2024, <c>Graph.to_json</c> and <c>from_json</c> of
/// hannamw/EAP-IG), which is what the circuit track of MIB takes (Mueller et al. 2025).
/// </summary>
/// <param name="Cfg">The model.</param>
/// <param name="Nodes">Nodes by name.</param>
/// <param name="Edges">Edges by name; a whole graph has all candidates.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record EapGraph(EapConfig Cfg, IReadOnlyDictionary<string, EapNode> Nodes, IReadOnlyDictionary<string, EapEdge> Edges)
{
    private const int LargestSize = 1024;

    private const long MostEdges = 10_000_000;

    private static readonly PublishedShape Shape = new("an EAP-IG graph: cfg (n_layers, n_heads, parallel_attn_mlp, d_model), nodes (by name: in_graph) and edges (by name: score, a finite number, and in_graph)");

    /// <summary>How many edges the model has; a file may list fewer, which then score 0 and are not in the graph.</summary>
    [JsonIgnore]
    public long Candidates => EapNames.Count(Cfg);

    /// <summary>
    /// A graph with every candidate edge: those not given score 0 and are not in it. <c>embed</c> and <c>pos</c> become <c>input</c>, with
    /// the score of greater magnitude, in the graph if either is. Sequential attention and MLP; a model without MLPs gets theirs with score 0.
    /// </summary>
    /// <param name="cfg">The model.</param>
    /// <param name="edges">Component edges in our names.</param>
    /// <exception cref="ArgumentException">An edge is not one of the model, or has a score that is not finite.</exception>
    public static EapGraph Of(EapConfig cfg, IEnumerable<ComponentEdge> edges)
    {
        RequireSizes(cfg, problem => new ArgumentException($"{problem}."));
        if (EapNames.Count(cfg) > MostEdges)
            throw new ArgumentException($"A graph of {cfg.NLayers} layers with {cfg.NHeads} heads each would have {EapNames.Count(cfg)} edges; at most {MostEdges} are written.");
        var all = EapNames.Edges(cfg).ToDictionary(name => name, _ => new EapEdge(0, false));
        foreach (var edge in edges)
        {
            if (EapNames.FromOurs(edge.Source, edge.Reader) is not { } name || !all.TryGetValue(name, out var found))
                throw new ArgumentException($"A model of {cfg.NLayers} layers with {cfg.NHeads} heads each has no edge {Shown.Text($"{edge.Source} -> {edge.Reader}")}.");
            if (!double.IsFinite(edge.Score))
                throw new ArgumentException($"The score of {edge.Source} -> {edge.Reader} should be a finite number, but is {edge.Score}.");
            all[name] = new EapEdge(Math.Abs(edge.Score) > Math.Abs(found.Score) ? edge.Score : found.Score, edge.IsKept || found.InGraph);
        }

        var kept = all.Where(edge => edge.Value.InGraph).Select(edge => EapNames.Ends(edge.Key)).ToArray();
        var (sending, receiving) = (kept.Select(edge => edge.Source).ToHashSet(), kept.Select(edge => edge.Target).ToHashSet());
        return new EapGraph(cfg, EapNames.Nodes(cfg).ToDictionary(name => name, name => new EapNode(name switch
        {
            "logits" => true,
            "input" => sending.Contains(name),
            _ => sending.Contains(name) && receiving.Contains(name),
        })), all);
    }

    /// <summary>The graph of a circuit, whose sizes are read from its nodes.</summary>
    /// <param name="circuit">All candidates with scores.</param>
    /// <param name="score">Name of the score, as in <see cref="ScoreName"/>; see <see cref="ComponentEdge.Of"/> for that of a component edge.</param>
    public static EapGraph Of(Circuit circuit, string score) => Of(ConfigOf(circuit), ComponentEdge.Of(circuit, score));

    /// <summary>The edges in our names, in the file's order; an edge of <c>input</c> is one of <c>embed</c> and one of <c>pos</c>.</summary>
    public IEnumerable<ComponentEdge> ComponentEdges() =>
        from edge in Edges from ours in EapNames.ToOurs(edge.Key) select new ComponentEdge(ours.Source, ours.Reader, edge.Value.Score, edge.Value.InGraph);

    /// <summary>Reads a graph.</summary>
    /// <exception cref="CheckpointException">The file is missing or not such a graph, names nodes or edges that the model does not have, or has a score that is not finite.</exception>
    public static EapGraph Read(string path)
    {
        var graph = Shape.Read<EapGraph>(path);
        CheckpointException Wrong(string found) => Shape.Refused(path, found);
        RequireSizes(graph.Cfg, Wrong);
        foreach (var (name, node) in graph.Nodes)
        {
            if (!EapNames.IsNode(name, graph.Cfg))
                throw Wrong($"node '{Shown.Text(name)}' is not one of {graph.Cfg.NLayers} layers with {graph.Cfg.NHeads} heads each");
            if (node is null || (node.InGraph is null && name != "logits"))
                throw Wrong($"node '{Shown.Text(name)}' has no in_graph");
        }

        foreach (var (name, edge) in graph.Edges)
        {
            if (!EapNames.IsEdge(name, graph.Cfg))
                throw Wrong($"edge '{Shown.Text(name)}' is not one of {graph.Cfg.NLayers} layers with {graph.Cfg.NHeads} heads each");
            if (edge is null || !double.IsFinite(edge.Score))
                throw Wrong($"edge '{Shown.Text(name)}' has no finite score");
        }

        return graph;
    }

    /// <summary>Writes the graph on one line, as EAP-IG does.</summary>
    public void Write(string path) => AtomicFile.Write(path, JsonSerializer.Serialize(this, Json.Compact) + "\n");

    private static EapConfig ConfigOf(Circuit circuit)
    {
        int[][] heads = [.. circuit.Nodes.Where(node => node.Kind is NodeKind.Head).Select(node => Numbers(node.Id))];
        var layers = circuit.Nodes.Where(node => node.Kind is NodeKind.Mlp).Select(node => Numbers(node.Id)[0]).Concat(heads.Select(head => head[0])).ToArray();
        if (heads.Length == 0 || heads.Any(head => head.Length != 2))
            throw new ArgumentException("The circuit should have heads named as a0.1, but has none.");
        var first = circuit.Nodes.FirstOrDefault(node => node.Kind is NodeKind.Subspace)?.Site;
        return new EapConfig(layers.Max() + 1, heads.Max(head => head[1]) + 1, false, circuit.Nodes.Where(node => node.Kind is NodeKind.Subspace && node.Site == first).Sum(node => node.Size ?? 0));
    }

    /// <summary>Layer, and head where there is one.</summary>
    private static int[] Numbers(string id) => [.. id.TrimStart('a', 'm').Split('.').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ArgumentException($"'{Shown.Text(id)}' is not the name of a head (a0.1) or an MLP (m0)."))];

    private static void RequireSizes(EapConfig cfg, Func<string, Exception> wrong)
    {
        if (cfg.NLayers is < 1 or > LargestSize || cfg.NHeads is < 1 or > LargestSize || cfg.DModel < 1)
            throw wrong($"n_layers {cfg.NLayers}, n_heads {cfg.NHeads} and d_model {cfg.DModel} should be at least 1, the first two at most {LargestSize}");
    }
}
