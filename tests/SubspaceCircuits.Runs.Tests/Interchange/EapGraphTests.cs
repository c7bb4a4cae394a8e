using System.Diagnostics;
using System.Text.Json;
using SubspaceCircuits.Runs.Interchange;
using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests.Interchange;

public sealed class EapGraphTests : IDisposable
{
    // A graph as EAP-IG writes it: one layer of two heads and an MLP, all thirteen edges.
    private const string Published = """
        {"cfg": {"n_layers": 1, "n_heads": 2, "parallel_attn_mlp": false, "d_model": 8},
         "nodes": {"input": {"in_graph": true}, "a0.h0": {"in_graph": true}, "a0.h1": {"in_graph": false}, "m0": {"in_graph": false, "score": 0.5}, "logits": {"in_graph": true}},
         "edges": {"input->a0.h0<q>": {"score": -0.25, "in_graph": true}, "input->a0.h0<k>": {"score": 0.0, "in_graph": false}, "input->a0.h0<v>": {"score": 1.5e-3, "in_graph": true},
          "input->a0.h1<q>": {"score": 0, "in_graph": false}, "input->a0.h1<k>": {"score": 0, "in_graph": false}, "input->a0.h1<v>": {"score": 0, "in_graph": false},
          "input->m0": {"score": 0.1, "in_graph": false}, "a0.h0->m0": {"score": 0.2, "in_graph": false}, "a0.h1->m0": {"score": 0.3, "in_graph": false},
          "input->logits": {"score": 0.4, "in_graph": false}, "a0.h0->logits": {"score": -2, "in_graph": true}, "a0.h1->logits": {"score": 0.6, "in_graph": false}, "m0->logits": {"score": 0.7, "in_graph": false}}}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_of_a_published_graph_gives_its_edges_in_our_names_and_input_as_both_embeddings()
    {
        var graph = EapGraph.Read(_folder.Write("graph.json", Published));

        Assert.Equal((13, 13), (graph.Edges.Count, graph.Candidates));
        Assert.Equal([("embed", "a0.0.q", -0.25), ("embed", "a0.0.v", 1.5e-3), ("pos", "a0.0.q", -0.25), ("pos", "a0.0.v", 1.5e-3), ("a0.0", "logits", -2)],
            graph.ComponentEdges().Where(edge => edge.IsKept).Select(edge => (edge.Source, edge.Reader, edge.Score)).OrderBy(edge => edge.Item2 == "logits").ThenBy(edge => edge.Source).ThenBy(edge => edge.Item2));
        Assert.Contains(new ComponentEdge("a0.1", "m0", 0.3, false), graph.ComponentEdges());
        Assert.Equal(0.5, graph.Nodes["m0"].Others!["score"].GetDouble());
    }

    [Fact]
    public void Written_graph_has_the_published_fields_and_no_others()
    {
        EapGraph.Of(new EapConfig(1, 2, false, 8), [new("embed", "a0.0.q", -0.25, false), new("a0.1", "m0", 0.5, true)]).Write(_folder["graph.json"]);

        using var written = JsonDocument.Parse(File.ReadAllText(_folder["graph.json"]));
        using var published = JsonDocument.Parse(Published);
        string[] Names(JsonElement element) => [.. element.EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal)];
        foreach (var path in (string[])["cfg", "nodes", "edges"])
            Assert.Equal(Names(published.RootElement.GetProperty(path)), Names(written.RootElement.GetProperty(path)));
        Assert.Equal(["cfg", "edges", "nodes"], Names(written.RootElement));
        Assert.All(written.RootElement.GetProperty("nodes").EnumerateObject(), node => Assert.Equal(["in_graph"], Names(node.Value)));
        Assert.All(written.RootElement.GetProperty("edges").EnumerateObject(), edge => Assert.Equal(["in_graph", "score"], Names(edge.Value)));
        Assert.Equal(JsonValueKind.False, written.RootElement.GetProperty("cfg").GetProperty("parallel_attn_mlp").ValueKind);
    }

    [Fact]
    public void Gpt2_small_has_the_published_number_of_nodes_and_edges()
    {
        // Hanna et al. 2024: 158 nodes and 32,491 edges.
        var graph = EapGraph.Of(new EapConfig(12, 12, false, 768), []);

        Assert.Equal((158, 32491, 32491), (graph.Nodes.Count, graph.Edges.Count, graph.Candidates));
    }

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(3, 2, false)]
    [InlineData(3, 2, true)]
    [InlineData(2, 5, true)]
    public void Candidates_are_counted_named_and_accepted_alike(int layers, int heads, bool isParallel)
    {
        var graph = EapGraph.Of(new EapConfig(layers, heads, isParallel, 4), []);
        graph.Write(_folder["graph.json"]);
        var expected = 0;
        for (var (layer, sources) = (0, 1); layer <= layers; layer++, sources += heads + 1)
            expected += layer == layers ? sources : (3 * heads * sources) + sources + (isParallel ? 0 : heads);

        Assert.Equal((expected, expected), (graph.Candidates, graph.Edges.Count));
        Assert.Equal(graph.Edges, EapGraph.Read(_folder["graph.json"]).Edges);
    }

    [Fact]
    public void Embed_and_pos_merge_to_the_greater_magnitude_and_are_in_the_graph_if_either_is()
    {
        var graph = EapGraph.Of(new EapConfig(1, 1, false, 8), [new("embed", "a0.0.k", -0.9, false), new("pos", "a0.0.k", 0.5, true), new("embed", "m0", 0.1, true), new("pos", "m0", -0.2, false)]);

        Assert.Equal(new EapEdge(-0.9, true), graph.Edges["input->a0.h0<k>"]);
        Assert.Equal(new EapEdge(-0.2, true), graph.Edges["input->m0"]);
        Assert.Equal(new EapEdge(0, false), graph.Edges["m0->logits"]);
    }

    [Fact]
    public void Nodes_are_in_the_graph_if_something_comes_in_and_goes_out()
    {
        var graph = EapGraph.Of(new EapConfig(2, 2, false, 8), [new("embed", "a0.0.v", 1, true), new("a0.0", "logits", 1, true), new("pos", "a0.1.v", 1, true), new("a1.0", "logits", 1, true)]);

        Assert.Equal(["input", "a0.h0", "logits"], graph.Nodes.Where(node => node.Value.InGraph is true).Select(node => node.Key));
    }

    [Theory]
    [InlineData(2, 2, true)]
    [InlineData(2, 3, false)]
    public void Circuit_comes_back_from_a_written_graph(int layers, int heads, bool hasMlps)
    {
        var ours = ComponentEdge.Of(SmallCircuit.Random(layers, heads, hasMlps, seed: 3), "variance_share");

        EapGraph.Of(SmallCircuit.Random(layers, heads, hasMlps, seed: 3), "variance_share").Write(_folder["graph.json"]);

        var graph = EapGraph.Read(_folder["graph.json"]);
        Assert.Equal(new EapConfig(layers, heads, false, 8), graph.Cfg);
        var found = graph.ComponentEdges().ToDictionary(edge => (edge.Source, edge.Reader));
        foreach (var edge in ours.Where(edge => edge.Source is not ("embed" or "pos")))
            Assert.Equal(edge, found[(edge.Source, edge.Reader)]);
        foreach (var pair in ours.Where(edge => edge.Source is "embed" or "pos").GroupBy(edge => edge.Reader))
            Assert.All((string[])["embed", "pos"], source => Assert.Equal((pair.Max(edge => edge.Score), pair.Any(edge => edge.IsKept)), (found[(source, pair.Key)].Score, found[(source, pair.Key)].IsKept)));
        var known = ours.Select(edge => (edge.Source, edge.Reader)).ToHashSet();
        Assert.All(found.Values.Where(edge => !known.Contains((edge.Source, edge.Reader))), edge => Assert.Equal((0, false), (edge.Score, edge.IsKept)));
    }

    [Theory]
    [InlineData("a0.0", "a0.1.q")]
    [InlineData("m0", "a0.0.q")]
    [InlineData("a0.2", "logits")]
    [InlineData("a9.0", "logits")]
    [InlineData("logits", "m0")]
    [InlineData("m0", "a1.0")]
    [InlineData("const", "m0")]
    [InlineData("a0.0\n", "m0")]
    public void Edge_that_the_model_does_not_have_is_refused(string source, string reader) =>
        Assert.Contains("has no edge", Assert.Throws<ArgumentException>(() => EapGraph.Of(new EapConfig(1, 2, false, 8), [new(source, reader, 1, true)])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void Score_that_is_not_finite_is_not_written(double score) =>
        Assert.Throws<ArgumentException>(() => EapGraph.Of(new EapConfig(1, 2, false, 8), [new("a0.0", "logits", score, true)]));

    [Theory]
    [InlineData("-0.25", "NaN", "'N'")]
    [InlineData("-0.25", "-Infinity", "")]
    [InlineData("-0.25", "1e999", "no finite score")]
    [InlineData("-0.25", "null", "no finite score")]
    [InlineData("-0.25", "\"0.5\"", "score")]
    [InlineData("\"score\": -0.25, ", "", "score")]
    [InlineData("-0.25, \"in_graph\": true", "-0.25", "in_graph")]
    [InlineData("\"in_graph\": true}, \"a0.h0\": {", "\"in_graph\": true}, \"a0.h0\": {\"included\": true}, \"x\": {", "in_graph")]
    [InlineData("\"a0.h0\": {\"in_graph\": true}", "\"a0.h0\": null", "a0.h0")]
    [InlineData("\"a0.h1\": {", "\"a0.h2\": {", "a0.h2")]
    [InlineData("a0.h1->m0", "a1.h1->m0", "a1.h1->m0")]
    [InlineData("a0.h1->m0", "m0->a0.h1<q>", "m0->a0.h1<q>")]
    [InlineData("a0.h1->m0", "a0.h1->m0<q>", "a0.h1->m0<q>")]
    [InlineData("a0.h1->m0", "a00.h1->m0", "a00.h1->m0")]
    [InlineData("input->a0.h1<q>", "input->a0.h1", "'input->a0.h1'")]
    [InlineData("a0.h1->m0", "a0.h99999999999->m0", "a0.h99999999999")]
    [InlineData("a0.h1->m0", "a0.h1->m0\\u001b[31m\\n", "\uFFFD[31m\uFFFD")]
    [InlineData("\"n_layers\": 1, ", "", "n_layers")]
    [InlineData("\"d_model\": 8", "\"d_head\": 8", "d_model")]
    [InlineData("\"n_layers\": 1", "\"n_layers\": 2147483647", "2147483647")]
    [InlineData("\"n_heads\": 2", "\"n_heads\": 0", "n_heads 0")]
    [InlineData("\"edges\"", "\"links\"", "edges")]
    [InlineData("}}}", "}}", "")]
    public void Read_refuses_in_one_line_that_says_what_was_expected(string from, string to, string said)
    {
        Assert.Contains(from, Published, StringComparison.Ordinal);
        var path = _folder.Write("graph.json", Published.Replace(from, to, StringComparison.Ordinal));

        var line = Refused.Line(path, () => EapGraph.Read(path));

        Assert.Contains("expected an EAP-IG graph", line, StringComparison.Ordinal);
        Assert.Contains(said, line, StringComparison.Ordinal);
        Assert.DoesNotContain(line, char.IsControl);
    }

    [Fact]
    public void Read_takes_what_their_reader_takes()
    {
        var graph = EapGraph.Read(_folder.Write("graph.json", """
            {"cfg": {"n_layers": 1, "n_heads": 1, "parallel_attn_mlp": true, "d_model": 4, "act_fn": "gelu"}, "comment": [1],
             "nodes": {"logits": {}, "m0": {"in_graph": true, "neurons": [true, false, true, true]}}, "edges": {"input->m0": {"score": 1, "in_graph": true, "weight": 2}}}
            """));
        graph.Write(_folder["again.json"]);

        Assert.Equal((1, 7), (graph.Edges.Count, graph.Candidates));
        var again = EapGraph.Read(_folder["again.json"]);
        Assert.Equal("gelu", again.Cfg.Others!["act_fn"].GetString());
        Assert.Equal(4, again.Nodes["m0"].Others!["neurons"].GetArrayLength());
    }

    [Fact]
    public void Graph_of_fifty_thousand_edges_is_written_and_read_in_seconds()
    {
        var clock = Stopwatch.StartNew();

        EapGraph.Of(new EapConfig(15, 12, false, 768), [new("embed", "logits", 1, true)]).Write(_folder["graph.json"]);
        var graph = EapGraph.Read(_folder["graph.json"]);

        Assert.InRange(graph.Edges.Count, 50_000, 60_000);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
    }
}
