using SubspaceCircuits.Circuits;
using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests;

public sealed class CircuitFilesTests : IDisposable
{
    private static readonly EdgeScores Scores = new(1, 0.5, double.NaN, 0.25);

    private static readonly Circuit Circuit = new(
        [
            new("embed", NodeKind.Embed), new("const", NodeKind.Const), new("x0.pre/0", NodeKind.Subspace, "x0.pre", 5), new("x0.pre/1", NodeKind.Subspace, "x0.pre", 3),
            new("a0.11", NodeKind.Head), new("x0.mid/0", NodeKind.Subspace, "x0.mid", 8), new("m0", NodeKind.Mlp), new("x0.post/0", NodeKind.Subspace, "x0.post", 8), new("logits", NodeKind.Logits),
        ],
        [
            new(EdgeKind.Embed, null, "embed", "x0.pre/0", null, null, Scores),
            new(EdgeKind.Qk, "a0.11", null, null, "const", "x0.pre/0", Scores),
            new(EdgeKind.Ov, "a0.11", "x0.pre/1", "x0.mid/0", null, null, Scores, IsKept: false),
            new(EdgeKind.Mlp, "m0", "x0.mid/0", "x0.post/0", null, null, Scores),
        ]);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_gives_back_the_circuit()
    {
        Json.Write(_folder["circuit.json"], CircuitFiles.Document(Circuit, 0.9, new Dictionary<string, string> { ["x0.pre/0"] = "position" }));

        var (circuit, document) = CircuitFiles.Read(_folder["circuit.json"]);

        Assert.Equal(Circuit.Nodes, circuit.Nodes);
        Assert.Equal(Circuit.Edges, circuit.Edges);
        Assert.Equal(0.9, document.Coverage);
        Assert.Equal("position", document.Nodes.Single(node => node.Id == "x0.pre/0").Label);
    }

    [Fact]
    public void Document_says_the_layer_of_what_has_one()
    {
        var layers = CircuitFiles.Document(Circuit, 0.9, new Dictionary<string, string>()).Nodes.ToDictionary(node => node.Id, node => node.Layer);

        Assert.Equal(0, layers["a0.11"]);
        Assert.Equal(0, layers["m0"]);
        Assert.Equal(0, layers["x0.mid/0"]);
        Assert.Null(layers["embed"]);
        Assert.Null(layers["const"]);
        Assert.Null(layers["logits"]);
    }

    [Fact]
    public void Document_marks_the_nodes_of_kept_edges_the_constant_among_them()
    {
        var isUsed = CircuitFiles.Document(Circuit, 0.9, new Dictionary<string, string>()).Nodes.ToDictionary(node => node.Id, node => node.InCircuit);

        Assert.True(isUsed["const"]);
        Assert.True(isUsed["a0.11"]);
        Assert.False(isUsed["x0.pre/1"]);
        Assert.False(isUsed["logits"]);
    }

    [Theory]
    [InlineData("\"subspace-circuits/circuit/1\"", "\"subspace-circuits/circuit/9\"")]
    [InlineData("\"passthrough\"", "\"teleport\"")]
    [InlineData("\"nodes\"", "\"vertices\"")]
    [InlineData("\"scores\"", "\"merits\"")]
    public void Read_refuses_in_one_line(string from, string to)
    {
        var circuit = Circuit with { Edges = [.. Circuit.Edges, new(EdgeKind.Passthrough, null, "x0.pre/0", "x0.mid/0", null, null, Scores)] };
        Json.Write(_folder["circuit.json"], CircuitFiles.Document(circuit, 0.9, new Dictionary<string, string>()));
        File.WriteAllText(_folder["circuit.json"], File.ReadAllText(_folder["circuit.json"]).Replace(from, to, StringComparison.Ordinal));

        Refused.Line(_folder["circuit.json"], () => CircuitFiles.Read(_folder["circuit.json"]));
    }
}
