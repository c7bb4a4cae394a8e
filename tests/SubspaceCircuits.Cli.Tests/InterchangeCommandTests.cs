using SubspaceCircuits.Circuits;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Runs.Interchange;

namespace SubspaceCircuits.Tests;

public sealed class InterchangeCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Exported_components_import_and_compare_as_equal()
    {
        var circuit = WriteCircuit(SmallCircuit.Random(2, 2, true, seed: 1));

        var exported = Subspace.Run("export", circuit, "--format", "eap", "--out", _folder["eap.json"], "--json");
        var imported = Subspace.Run("import", _folder["eap.json"], "--compare", circuit, "--json");
        var table = Subspace.Run("import", _folder["eap.json"], "--compare", circuit);

        Assert.Equal((0, "eap", "variance_share"), (exported.Status, exported.Json.GetProperty("format").GetString(), exported.Json.GetProperty("score").GetString()));
        var found = imported.Json;
        Assert.Equal(exported.Json.GetProperty("edges").GetInt32(), found.GetProperty("edges_in_graph").GetInt32());
        Assert.Equal(exported.Json.GetProperty("nodes").GetInt32(), found.GetProperty("nodes_in_graph").GetInt32());
        Assert.Equal(found.GetProperty("of").GetInt32(), found.GetProperty("edges").GetInt32());
        Assert.Equal((2, 2, 8), (found.GetProperty("model").GetProperty("n_layers").GetInt32(), found.GetProperty("model").GetProperty("n_heads").GetInt32(), found.GetProperty("model").GetProperty("d_model").GetInt32()));
        var comparison = found.GetProperty("comparison");
        Assert.Equal((found.GetProperty("edges_in_graph").GetInt32(), 0, 0), (comparison.GetProperty("both").GetArrayLength(), comparison.GetProperty("only_theirs").GetArrayLength(), comparison.GetProperty("only_ours").GetArrayLength()));
        Assert.Equal(1, comparison.GetProperty("spearman").GetDouble(), 12);
        Assert.True(found.GetProperty("top")[0].TryGetProperty("score", out _));
        Assert.Contains("rank correlation", table.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Exported_subspaces_import_with_their_labels_and_steer_no_terminal()
    {
        var circuit = WriteCircuit(SmallCircuit.Random(1, 2, false, seed: 1), "[red]</script>\u001b[31m");

        var exported = Subspace.Run("export", circuit, "--format", "attribution", "--score", "energy", "--out", _folder["graph.json"], "--json");
        var imported = Subspace.Run("import", _folder["graph.json"], "--json");
        var table = Subspace.Run("import", _folder["graph.json"]);

        Assert.Equal((0, 0, 0), (exported.Status, imported.Status, table.Status));
        foreach (var name in (string[])["nodes", "edges"])
            Assert.Equal(exported.Json.GetProperty(name).GetInt32(), imported.Json.GetProperty(name == "edges" ? "links" : name).GetInt32());
        Assert.Equal((0, 2), (imported.Json.GetProperty("dangling_links").GetInt32(), imported.Json.GetProperty("feature_types").GetProperty("attention head").GetInt32()));
        Assert.Equal(("circuit", "circuit"), (imported.Json.GetProperty("slug").GetString(), imported.Json.GetProperty("scan").GetString()));
        Assert.Contains("[red]", table.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', table.Out);
    }

    [Fact]
    public void Bad_input_is_one_line_and_status_2()
    {
        var circuit = WriteCircuit(SmallCircuit.Random(1, 1, false, seed: 1));
        EapGraph.Of(new EapConfig(3, 1, false, 8), []).Write(_folder["other.json"]);
        Assert.Equal(0, Subspace.Run("export", circuit, "--format", "attribution", "--out", _folder["graph.json"]).Status);
        var (text, broken) = (_folder.Write("text.json", "not JSON"), _folder.Write("broken.json", File.ReadAllText(circuit).Replace("\"via\": \"a0.0\"", "\"via\": null", StringComparison.Ordinal)));

        foreach (var (arguments, said) in new (string[], string)[]
        {
            (["import", text], "expected an EAP-IG graph"),
            (["import", circuit], "expected an EAP-IG graph"),
            (["import", _folder["nothing.json"]], "expected a file"),
            (["import", _folder["other.json"], "--compare", circuit], "3 layers"),
            (["import", _folder["other.json"], "--compare", _folder.Root], "run.json"),
            (["import", _folder["graph.json"], "--compare", circuit], "--compare"),
            (["export", _folder["other.json"], "--format", "eap", "--out", _folder["out.json"]], "other.json"),
            (["export", broken, "--format", "eap", "--out", _folder["out.json"]], "broken.json"),
            (["export", circuit, "--format", "dot", "--out", _folder["out.json"]], "dot"),
            (["export", circuit, "--format", "eap", "--out", _folder["out.json"], "--score", "merit"], "merit"),
        })
        {
            var found = Subspace.Run(arguments);

            Assert.True(found.Status == 2, $"{string.Join(' ', arguments)}: status {found.Status}, {found.Error}");
            Assert.Contains(said, Assert.Single(found.ErrorLines), StringComparison.Ordinal);
            Assert.Equal("", found.Out);
        }

        Assert.False(File.Exists(_folder["out.json"]));
    }

    private string WriteCircuit(Circuit circuit, string label = "position")
    {
        Json.Write(_folder["circuit.json"], CircuitFiles.Document(circuit, 0.9, new Dictionary<string, string> { ["x0.pre/0"] = label, ["x0.pre/1"] = label }));
        return _folder["circuit.json"];
    }
}
