using SubspaceCircuits.Circuits;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.Tests.Circuits;

public sealed class ComponentGraphTests
{
    /// <summary>The published full edge counts of component-level pruning (decompiling-transformers, stage 1).</summary>
    [Theory]
    [InlineData(1, 1, 13)]
    [InlineData(1, 2, 21)]
    [InlineData(1, 4, 37)]
    [InlineData(2, 1, 32)]
    [InlineData(2, 2, 61)]
    [InlineData(2, 4, 137)]
    [InlineData(4, 1, 94)]
    [InlineData(4, 2, 204)]
    [InlineData(4, 4, 532)]
    public void CountAll_is_the_published_count(int layers, int heads, int count) =>
        Assert.Equal(count, ComponentGraph.CountAll(RandomModel.WithMlps(Activation.Gelu) with { NLayers = layers, NHeads = heads }));

    [Theory]
    [MemberData(nameof(RandomModel.Kinds), MemberType = typeof(RandomModel))]
    public void The_full_circuit_has_all_component_edges(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);

        var edges = ComponentGraph.Edges(CircuitBuilder.Candidates(model.Model));

        Assert.Equal(ComponentGraph.CountAll(model.Weights.Config), edges.Count);
        Assert.Equal(edges.Count, edges.Distinct().Count());
    }

    [Fact]
    public void Edges_of_a_circuit_made_by_hand()
    {
        // Positions go to subspace 0, tokens to subspace 1. Head a0.0 attends by position and moves tokens; a1.0 compares tokens with what
        // it moved; the MLP m0 reads it and writes nothing that is kept further.
        static CircuitEdge Edge(EdgeKind kind, string? via, string from, string to) => new(kind, via, from, to, null, null, new(1, 1, 1, 1));
        static CircuitEdge Qk(string via, string query, string key) => new(EdgeKind.Qk, via, null, null, query, key, new(1, 1, 1, 1));
        var circuit = new Circuit([], [
            Edge(EdgeKind.Embed, null, "embed", "x0.pre/1"),
            Edge(EdgeKind.Pos, null, "pos", "x0.pre/0"),
            Qk("a0.0", "x0.pre/0", "x0.pre/0"),
            Qk("a0.0", "const", "x0.pre/1"),
            Edge(EdgeKind.Ov, "a0.0", "x0.pre/1", "x0.mid/0"),
            Edge(EdgeKind.Passthrough, null, "x0.pre/1", "x0.mid/1"),
            Edge(EdgeKind.Mlp, "m0", "x0.mid/0", "x0.post/2"),
            Edge(EdgeKind.Passthrough, null, "x0.mid/0", "x0.post/0"),
            Edge(EdgeKind.Passthrough, null, "x0.mid/1", "x0.post/1"),
            Qk("a1.0", "x0.post/1", "x0.post/0"),
            Edge(EdgeKind.Ov, "a1.0", "x0.post/1", "x1.mid/0"),
            Edge(EdgeKind.Passthrough, null, "x1.mid/0", "x1.post/0"),
            Edge(EdgeKind.Unembed, null, "x1.post/0", "logits"),
            Edge(EdgeKind.Unembed, null, "x1.post/1", "logits"), // holds nothing
            Edge(EdgeKind.Passthrough, null, "x0.pre/0", "x0.mid/0") with { IsKept = false },
        ]);

        var edges = ComponentGraph.Edges(circuit);

        Assert.Equal([
            ("a0.0", "a1.0.k"), ("a0.0", "m0"), ("a1.0", "logits"), ("embed", "a0.0.k"), ("embed", "a0.0.v"), ("embed", "a1.0.q"), ("embed", "a1.0.v"),
            ("pos", "a0.0.k"), ("pos", "a0.0.q"),
        ], edges);
    }
}
