using System.Text.Json;
using System.Text.Json.Serialization;
using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Runs.Interchange;

/// <summary>The software that made a graph (Neuronpedia).</summary>
public sealed record GraphGenerator(string? Name = null, string? Version = null)
{
    /// <summary>What else stands there.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }
}

/// <summary>Who made a graph, with what and when (Neuronpedia); all optional.</summary>
/// <param name="Description">A longer description.</param>
/// <param name="CreatorName">Who made it.</param>
/// <param name="SourceUrls">Where what it was made from lies.</param>
/// <param name="Generator">What made it.</param>
/// <param name="CreateTimeMs">When, in milliseconds since 1970.</param>
public sealed record GraphInfo(string? Description = null, string? CreatorName = null, IReadOnlyList<string>? SourceUrls = null, GraphGenerator? Generator = null, double? CreateTimeMs = null)
{
    /// <summary>What else stands there.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }
}

/// <summary>What a graph is of.</summary>
/// <param name="Slug">Its name in addresses.</param>
/// <param name="Scan">The model.</param>
/// <param name="PromptTokens">Labels of the columns.</param>
/// <param name="Prompt">The prompt.</param>
public sealed record GraphMetadata(string Slug, string Scan, IReadOnlyList<string> PromptTokens, string Prompt)
{
    /// <summary>The transcoders (circuit-tracer).</summary>
    public IReadOnlyList<string>? TranscoderList { get; init; }

    /// <summary>Influence up to which viewers show nodes at first.</summary>
    public double? NodeThreshold { get; init; }

    /// <summary>1: <c>feature</c> is the pairing number of layer and index.</summary>
    public int? SchemaVersion { get; init; }

    /// <summary>Who made it (Neuronpedia).</summary>
    public GraphInfo? Info { get; init; }

    /// <summary>How it was made; any fields (Neuronpedia).</summary>
    public IReadOnlyDictionary<string, JsonElement>? GenerationSettings { get; init; }

    /// <summary>How it was pruned; any fields (Neuronpedia).</summary>
    public IReadOnlyDictionary<string, JsonElement>? PruningSettings { get; init; }

    /// <summary>What else stands there.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }
}

/// <summary>What a viewer shows at first.</summary>
public sealed record GraphQuery
{
    /// <summary>Nodes of the small graph.</summary>
    [JsonPropertyName("pinnedIds")]
    public IReadOnlyList<string>? PinnedIds { get; init; }

    /// <summary>Groups of nodes, each a label and ids.</summary>
    [JsonPropertyName("supernodes")]
    public IReadOnlyList<IReadOnlyList<string>>? Supernodes { get; init; }

    /// <summary>Which links are drawn.</summary>
    [JsonPropertyName("linkType")]
    public string? LinkType { get; init; }

    /// <summary>The node that is selected.</summary>
    [JsonPropertyName("clickedId")]
    public string? ClickedId { get; init; }

    /// <summary>Places in the small graph.</summary>
    [JsonPropertyName("sg_pos")]
    public string? SubgraphPositions { get; init; }

    /// <summary>What else stands there.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }
}

/// <summary>A node.</summary>
/// <param name="NodeId"><c>{layer}_{index}_{column}</c>, of the input <c>E_{index}_{column}</c>.</param>
/// <param name="Feature">A number; of layer and index <c>(l + i)(l + i + 1)/2 + i</c>.</param>
/// <param name="Layer">Row, or <c>E</c>; some graphs have a number.</param>
/// <param name="CtxIdx">Column: the position in the prompt.</param>
/// <param name="FeatureType">What it is, in any words.</param>
/// <param name="JsNodeId">As <see cref="NodeId"/>, without the column.</param>
/// <param name="Clerp">Label.</param>
public sealed record GraphNode(string NodeId, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Feature, [property: JsonConverter(typeof(AttributionGraph.TextOrNumber))] string Layer, int CtxIdx, string FeatureType, [property: JsonPropertyName("jsNodeId")] string JsNodeId, string Clerp)
{
    /// <summary>Probability of a logit's token.</summary>
    public double TokenProb { get; init; }

    /// <summary>Whether it is what the graph explains.</summary>
    public bool IsTargetLogit { get; init; }

    /// <summary>Of no meaning here.</summary>
    public int RunIdx { get; init; }

    /// <summary>Of no meaning here.</summary>
    public int ReverseCtxIdx { get; init; }

    /// <summary>Share of the influence on the logits that this node and all of greater influence have.</summary>
    public double? Influence { get; init; }

    /// <summary>Activation of a feature.</summary>
    public double? Activation { get; init; }

    /// <summary>What else stands there.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }
}

/// <summary>A link.</summary>
/// <param name="Source">Id of a node.</param>
/// <param name="Target">Id of a node.</param>
/// <param name="Weight">Its weight; finite, of either sign.</param>
public sealed record GraphLink(string Source, string Target, double Weight)
{
    /// <summary>What else stands there.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }
}

/// <summary>
/// A graph as circuit-tracer writes it (<c>frontend/graph_models.py</c> of safety-research/circuit-tracer) and Neuronpedia takes it
/// (<c>graph-schema.json</c>, draft 7, of hijohnnylin/neuronpedia). What that schema requires is required; fields it does not know are kept.
/// </summary>
/// <param name="Metadata">What it is of.</param>
/// <param name="Query">What a viewer shows at first.</param>
/// <param name="Nodes">Nodes.</param>
/// <param name="Links">Links; viewers leave out those whose ends are not among the nodes.</param>
public sealed record AttributionGraph(GraphMetadata Metadata, [property: JsonPropertyName("qParams")] GraphQuery Query, IReadOnlyList<GraphNode> Nodes, IReadOnlyList<GraphLink> Links)
{
    private static readonly JsonSerializerOptions Format = new(Json.Indented) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private static readonly PublishedShape Shape = new("an attribution graph of circuit-tracer or Neuronpedia: metadata (slug, scan, prompt_tokens, prompt), qParams, nodes (node_id, feature, layer, ctx_idx, feature_type, jsNodeId, clerp) and links (source, target, weight, a finite number)");

    /// <summary>What else stands there.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }

    /// <summary>How many links have an end that is not among the nodes.</summary>
    public int CountDangling()
    {
        var ids = Nodes.Select(node => node.NodeId).ToHashSet();
        return Links.Count(link => !ids.Contains(link.Source) || !ids.Contains(link.Target));
    }

    /// <summary>Reads a graph.</summary>
    /// <exception cref="CheckpointException">The file is missing or not such a graph, or a link has a weight that is not finite.</exception>
    public static AttributionGraph Read(string path)
    {
        var graph = Shape.Read<AttributionGraph>(path);
        for (var index = 0; index < graph.Nodes.Count; index++)
        {
            if (graph.Nodes[index] is null)
                throw Shape.Refused(path, $"node {index} is null");
        }

        for (var index = 0; index < graph.Links.Count; index++)
        {
            if (graph.Links[index] is not { } link || !double.IsFinite(link.Weight))
                throw Shape.Refused(path, $"link {index} has no finite weight");
        }

        return graph;
    }

    /// <summary>Writes the graph, indented, without the optional fields that it does not have.</summary>
    public void Write(string path) => AtomicFile.Write(path, JsonSerializer.Serialize(this, Format) + "\n");

    /// <summary>Their schema takes a layer as text and as a number.</summary>
    internal sealed class TextOrNumber : JsonConverter<string>
    {
        public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Number => reader.GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => throw new JsonException(),
        };

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}
