using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using SubspaceCircuits.Runs.Interchange;
using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests.Interchange;

public sealed class AttributionGraphTests : IDisposable
{
    // As circuit-tracer and Neuronpedia write theirs, with a field that neither documents, a layer as a number, and a link to nowhere.
    private const string Published = """
        {"metadata": {"slug": "rain-in-spain", "scan": "tiny-1b", "transcoder_list": [], "prompt_tokens": ["<bos>", "rain"], "prompt": "<bos>rain", "node_threshold": 0.8, "schema_version": 1,
          "info": {"creator_name": "someone", "source_urls": [], "transcoder_set": "none", "generator": {"name": "tracer", "version": "1", "url": "https://example.org"}, "create_time_ms": 1789862992799},
          "generation_settings": {"batch_size": 48}, "pruning_settings": {"node_threshold": 0.8}},
         "qParams": {"pinnedIds": ["1_7_1"], "supernodes": [["weather", "1_7_1"]], "linkType": "both", "clickedId": "", "sg_pos": ""},
         "nodes": [
          {"node_id": "E_41_1", "feature": 1, "layer": "E", "ctx_idx": 1, "feature_type": "embedding", "token_prob": 0.0, "is_target_logit": false, "run_idx": 0, "reverse_ctx_idx": 0, "jsNodeId": "E_41-1", "clerp": "", "influence": 0.4, "activation": null},
          {"node_id": "1_7_1", "feature": 43, "layer": 1, "ctx_idx": 1, "feature_type": "cross layer transcoder", "jsNodeId": "1_7-0", "clerp": "rain", "influence": 0.7, "activation": 3.5, "qk_tracing_results": {"pair_wise_contributors": []}},
          {"node_id": "1_-1_1", "feature": null, "layer": "1", "ctx_idx": 1, "feature_type": "mlp reconstruction error", "jsNodeId": "1_-1-1", "clerp": "", "influence": 0.9, "activation": null},
          {"node_id": "3_5_1", "feature": 5, "layer": "3", "ctx_idx": 1, "feature_type": "logit", "token_prob": 0.25, "is_target_logit": true, "jsNodeId": "L_5-1", "clerp": "Output \" in\" (p=0.250)", "influence": null}],
         "links": [{"source": "E_41_1", "target": "1_7_1", "weight": 2.5}, {"source": "1_7_1", "target": "3_5_1", "weight": -1}, {"source": "1_-1_1", "target": "9_9_9", "weight": 0.5}]}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_gives_nodes_and_links_of_a_published_graph()
    {
        Assert.Empty(GraphSchema.Violations(Published));

        var graph = AttributionGraph.Read(_folder.Write("graph.json", Published));

        Assert.Equal(["E", "1", "1", "3"], graph.Nodes.Select(node => node.Layer));
        Assert.Equal([1L, 43L, null, 5L], graph.Nodes.Select(node => node.Feature));
        Assert.Equal([("E_41_1", "1_7_1", 2.5), ("1_7_1", "3_5_1", -1), ("1_-1_1", "9_9_9", 0.5)], graph.Links.Select(link => (link.Source, link.Target, link.Weight)));
        Assert.Equal(1, graph.CountDangling());
        Assert.Equal((0.8, 0.25, 3.5), (graph.Metadata.NodeThreshold, graph.Nodes[3].TokenProb, graph.Nodes[1].Activation));
    }

    [Fact]
    public void Rewritten_graph_keeps_every_field_that_was_there()
    {
        AttributionGraph.Read(_folder.Write("graph.json", Published)).Write(_folder["again.json"]);

        var again = File.ReadAllText(_folder["again.json"]);
        Assert.Empty(GraphSchema.Violations(again));
        Assert.Empty(Lost("", JsonNode.Parse(Published)!, JsonNode.Parse(again)!));
    }

    [Theory]
    [InlineData("\"slug\": \"rain-in-spain\", ", "", "slug")]
    [InlineData("\"prompt_tokens\": [\"<bos>\", \"rain\"]", "\"prompt_tokens\": \"rain\"", "prompt_tokens")]
    [InlineData("\"qParams\"", "\"query\"", "qParams")]
    [InlineData("\"links\"", "\"edges\"", "links")]
    [InlineData("\"clerp\": \"rain\", ", "", "clerp")]
    [InlineData("\"feature\": 43, ", "", "feature")]
    [InlineData("\"feature\": 43", "\"feature\": 4.5", "feature")]
    [InlineData("\"feature\": 43", "\"feature\": 99999999999999999999", "feature")]
    [InlineData("\"layer\": 1,", "\"layer\": [1],", "layer")]
    [InlineData("\"layer\": 1,", "\"layer\": null,", "layer")]
    [InlineData("\"ctx_idx\": 1, \"feature_type\": \"logit\"", "\"ctx_idx\": \"1\", \"feature_type\": \"logit\"", "ctx_idx")]
    [InlineData("2.5}", "NaN}", "'N'")]
    [InlineData("2.5}", "Infinity}", "'I'")]
    [InlineData("2.5}", "1e400}", "link 0")]
    [InlineData("2.5}", "null}", "link 0")]
    [InlineData("{\"source\": \"1_7_1\", \"target\": \"3_5_1\", \"weight\": -1}", "null", "link 1")]
    [InlineData("\"nodes\": [", "\"nodes\": [null, ", "node 0")]
    [InlineData("\"weather\"", "\"\\ud800\"", "")]
    [InlineData("]}", "]", "")]
    public void Read_refuses_in_one_line_that_says_what_was_expected(string from, string to, string said)
    {
        Assert.Contains(from, Published, StringComparison.Ordinal);
        var at = from == "]}" ? Published.LastIndexOf(from, StringComparison.Ordinal) : Published.IndexOf(from, StringComparison.Ordinal);
        var path = _folder.Write("graph.json", Published[..at] + to + Published[(at + from.Length)..]);

        var line = Refused.Line(path, () => AttributionGraph.Read(path));

        Assert.Contains("expected an attribution graph", line, StringComparison.Ordinal);
        Assert.Contains(said, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("")]
    [InlineData("{\"nodes\": {}}")]
    [InlineData("{\"schema\": \"subspace-circuits/circuit/1\", \"nodes\": []}")]
    public void What_is_neither_graph_is_refused_in_one_line(string content)
    {
        var path = _folder.Write("graph.json", content);

        Refused.Line(path, () => PublishedGraph.Read(path));
    }

    [Fact]
    public void Graphs_are_told_apart_by_their_fields()
    {
        EapGraph.Of(new EapConfig(1, 1, false, 4), []).Write(_folder["eap.json"]);

        Assert.IsType<EapGraph>(PublishedGraph.Read(_folder["eap.json"]));
        Assert.IsType<AttributionGraph>(PublishedGraph.Read(_folder.Write("graph.json", Published)));
    }

    [Fact]
    public void Graph_of_fifty_thousand_links_is_written_and_read_in_seconds()
    {
        var graph = AttributionGraph.Read(_folder.Write("graph.json", Published));
        var clock = Stopwatch.StartNew();

        (graph with { Links = [.. Enumerable.Range(0, 50_000).Select(index => new GraphLink("E_41_1", "1_7_1", index))] }).Write(_folder["large.json"]);
        var large = AttributionGraph.Read(_folder["large.json"]);

        Assert.Equal(49_999, large.Links[^1].Weight);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
    }

    [Fact]
    public void Checker_of_the_schema_finds_each_field_that_is_missing_or_of_another_type()
    {
        foreach (var field in (string[])["metadata/slug", "metadata/prompt", "qParams", "nodes", "nodes/1/clerp", "nodes/0/feature", "links/0/weight"])
        {
            var (missing, wrong) = (JsonNode.Parse(Published)!, JsonNode.Parse(Published)!);
            var names = field.Split('/');
            static JsonObject Parent(JsonNode root, string[] names) => names[..^1].Aggregate(root, (node, name) => int.TryParse(name, out var index) ? node[index]! : node[name]!).AsObject();
            Parent(missing, names).Remove(names[^1]);
            Parent(wrong, names)[names[^1]] = true;

            Assert.Contains("missing", Assert.Single(GraphSchema.Violations(missing.ToJsonString())), StringComparison.Ordinal);
            Assert.Contains("is True", Assert.Single(GraphSchema.Violations(wrong.ToJsonString())), StringComparison.Ordinal);
        }
    }

    /// <summary>Paths whose value differs; a field that is null may be left out, a layer may become text.</summary>
    private static IEnumerable<string> Lost(string path, JsonNode? one, JsonNode? other) => (one, other) switch
    {
        (null, null) => [],
        (JsonObject a, JsonObject b) => a.SelectMany(field => Lost($"{path}/{field.Key}", field.Value, b[field.Key])),
        (JsonArray a, JsonArray b) when a.Count == b.Count => a.Zip(b).SelectMany((pair, index) => Lost($"{path}/{index}", pair.First, pair.Second)),
        (JsonValue a, JsonValue b) when a.GetValueKind() is JsonValueKind.Number && b.GetValueKind() is JsonValueKind.Number => a.Deserialize<double>() == b.Deserialize<double>() ? [] : [path],
        (JsonValue a, JsonValue b) => a.ToString() == b.ToString() ? [] : [path],
        _ => [path],
    };
}
