using SubspaceCircuits.Circuits;
using SubspaceCircuits.Runs.Interchange;
using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests.Interchange;

public sealed class SubspaceGraphTests : IDisposable
{
    private static readonly DateTimeOffset Created = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static AttributionGraph Graph(Circuit circuit, string score = "variance_share", string label = "position") =>
        SubspaceGraph.Of(circuit, new Dictionary<string, string> { ["x0.pre/1"] = label }, "My model @2l", score, 0.9, Created);

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, true)]
    public void Graph_has_the_published_shape(int layers, bool hasMlps)
    {
        var circuit = SmallCircuit.Random(layers, 2, hasMlps, seed: 2);
        var graph = Graph(circuit);
        graph.Write(_folder["graph.json"]);

        Assert.Empty(GraphSchema.Violations(File.ReadAllText(_folder["graph.json"])));
        Assert.Equal((1, 1.0, 0), (graph.Metadata.SchemaVersion, graph.Metadata.NodeThreshold, graph.Metadata.TranscoderList!.Count));
        Assert.Equal("my-model-2l", graph.Metadata.Slug);
        Assert.Equal(Created.ToUnixTimeMilliseconds(), graph.Metadata.Info!.CreateTimeMs);
        Assert.Equal(graph.Nodes.Count, graph.Nodes.DistinctBy(node => node.NodeId).Count());
        Assert.Equal(graph.Nodes.Count, graph.Nodes.DistinctBy(node => node.JsNodeId).Count());
        Assert.Equal(0, graph.CountDangling());
        foreach (var node in graph.Nodes)
        {
            // Ids hold layer, index and column; the feature is the pairing number of the first two, as viewers take it apart.
            Assert.Equal((node.Layer, $"{node.CtxIdx}"), node.NodeId.Split('_') is [var layer, _, var column] ? (layer, column) : default);
            Assert.InRange(node.CtxIdx, 0, graph.Metadata.PromptTokens.Count - 1);
            if (node.FeatureType is "subspace" or "attention head" or "mlp")
            {
                var sum = (long)((Math.Sqrt((8 * node.Feature!.Value) + 1) - 1) / 2);
                var second = node.Feature.Value - (sum * (sum + 1) / 2);
                Assert.StartsWith($"{sum - second}_{second}_", node.NodeId, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Graph_keeps_the_rules_that_viewers_have_beside_the_schema()
    {
        var graph = Graph(SmallCircuit.Random(2, 2, true, seed: 4));
        int Row(string id) => graph.Nodes.Single(node => node.NodeId == id).Layer is "E" ? 0 : int.Parse(id.Split('_')[0]);

        // They draw links upwards, refuse graphs whose greatest layer is 0, and take the probability out of a logit's label.
        Assert.All(graph.Links, link => Assert.True(Row(link.Source) < Row(link.Target)));
        var logits = Assert.Single(graph.Nodes, node => node.FeatureType == "logit");
        Assert.Equal(1, double.Parse(logits.Clerp.Split("(p=")[1].Split(')')[0]));
        Assert.True(logits.IsTargetLogit);
        Assert.Equal(Row(logits.NodeId) - 1, graph.Nodes.Where(node => node != logits).Max(node => Row(node.NodeId)));
        Assert.All(graph.Nodes.Where(node => node.FeatureType == "embedding"), node => Assert.Equal(node.Clerp, graph.Metadata.PromptTokens[node.CtxIdx]));
        Assert.Contains(graph.Nodes, node => node.Clerp == "x0.pre/1: position, 4 dimensions");
    }

    [Theory]
    [InlineData("energy")]
    [InlineData("variance_share")]
    public void Weights_into_a_node_add_up_to_its_kept_edges(string score)
    {
        var circuit = SmallCircuit.Random(2, 2, true, seed: 6);
        double Score(CircuitEdge edge) => score == "energy" ? edge.Scores.Energy : edge.Scores.VarianceShare;

        var graph = Graph(circuit, score);
        double Into(string clerp) => graph.Nodes.Single(node => node.Clerp.Split(':')[0] == clerp) is var node ? graph.Links.Where(link => link.Target == node.NodeId).Sum(link => link.Weight) : 0;

        Assert.Equal(circuit.Kept.Where(edge => edge.Via == "a1.0").Sum(Score), Into("a1.0"), 12);
        Assert.Equal(circuit.Kept.Where(edge => edge.Via == "m0").Sum(Score), Into("m0"), 12);
        Assert.Equal(circuit.Kept.Where(edge => edge.To == "x1.mid/0").Sum(Score), Into("x1.mid/0"), 12);
        Assert.Equal(graph.Links.Count, graph.Links.DistinctBy(link => (link.Source, link.Target)).Count());
    }

    [Fact]
    public void Influence_is_the_share_of_a_node_and_all_of_greater_influence()
    {
        static CircuitEdge Edge(EdgeKind kind, string from, string to, double score) => new(kind, null, from, to, null, null, new EdgeScores(0, 0, 0, score));
        Circuit circuit = new(
            [new("embed", NodeKind.Embed), new("pos", NodeKind.Pos), new("x0.pre/0", NodeKind.Subspace, "x0.pre", 1), new("x0.pre/1", NodeKind.Subspace, "x0.pre", 1), new("logits", NodeKind.Logits)],
            [Edge(EdgeKind.Embed, "embed", "x0.pre/0", 5), Edge(EdgeKind.Embed, "embed", "x0.pre/1", 1), Edge(EdgeKind.Pos, "pos", "x0.pre/1", 3),
                Edge(EdgeKind.Unembed, "x0.pre/0", "logits", 3), Edge(EdgeKind.Unembed, "x0.pre/1", "logits", 1)]);

        var graph = Graph(circuit);

        // By hand: subspaces 3/4 and 1/4; embed 3/4 + 1/16, pos 3/16; in all 2. Cumulated from the greatest: embed, x0.pre/0, x0.pre/1, pos.
        Assert.Equal([13.0 / 32, 1, 25.0 / 32, 29.0 / 32, null], graph.Nodes.Select(node => node.Influence));
    }

    [Fact]
    public void Hostile_labels_are_escaped_in_the_file_and_come_back()
    {
        const string hostile = "</script><script>alert(1)</script>\u001b[31m\"\u202e\n";
        var graph = Graph(SmallCircuit.Random(1, 1, false, seed: 8), label: hostile);

        graph.Write(_folder["graph.json"]);

        Assert.DoesNotContain(File.ReadAllText(_folder["graph.json"]), letter => letter is '<' or '\u001b' or '\u202e');
        var again = AttributionGraph.Read(_folder["graph.json"]);
        Assert.Equal(graph.Nodes, again.Nodes);
        Assert.Equal(graph.Links, again.Links);
        Assert.Contains(again.Nodes, node => node.Clerp.Contains(hostile, StringComparison.Ordinal));
    }

    [Fact]
    public void Circuit_that_shows_nothing_or_leads_backwards_is_refused()
    {
        var circuit = SmallCircuit.Random(1, 1, false, seed: 9);
        var backwards = circuit with { Edges = [new(EdgeKind.Passthrough, null, "x0.post/0", "x0.pre/0", null, null, new EdgeScores(1, 1, 1, 1))] };
        var nowhere = circuit with { Edges = [new(EdgeKind.Passthrough, null, "x0.pre/0", "x9.pre/0", null, null, new EdgeScores(1, 1, 1, 1))] };

        Assert.Contains("keeps no edge", Assert.Throws<ArgumentException>(() => Graph(circuit.Keep(_ => false))).Message, StringComparison.Ordinal);
        Assert.All((Circuit[])[backwards, nowhere], wrong => Assert.Contains("to a later one", Assert.Throws<ArgumentException>(() => Graph(wrong)).Message, StringComparison.Ordinal));
    }
}
