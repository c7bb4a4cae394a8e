using SubspaceCircuits.Interventions;
using SubspaceCircuits.Runs.Interchange;
using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests.Interchange;

public sealed class GraphComparisonTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Our_own_graph_agrees_in_every_edge_and_ranks_alike_whatever_the_sign(bool hasMlps)
    {
        var circuit = SmallCircuit.Random(2, 2, hasMlps, seed: 1);
        var graph = EapGraph.Of(circuit, "variance_share");
        var negative = graph with { Edges = graph.Edges.ToDictionary(edge => edge.Key, edge => edge.Value with { Score = -3 * edge.Value.Score }) };

        var found = GraphComparison.Of(negative, circuit, "variance_share");

        Assert.Equal(graph.Edges.Values.Count(edge => edge.InGraph), found.Both.Count);
        Assert.Empty(found.OnlyTheirs);
        Assert.Empty(found.OnlyOurs);
        Assert.Equal(1, found.Spearman!.Value, 12);
        // Without MLPs: 3H sources for each layer, of which layer 0 has 1 and layer 1 has 3, and 5 into the logits.
        Assert.Equal(hasMlps ? graph.Edges.Count : (6 * 1) + (6 * 3) + 5, found.Candidates);
    }

    [Fact]
    public void Edges_are_told_apart_and_ordered_by_magnitude()
    {
        var circuit = SmallCircuit.Random(1, 1, true, seed: 3).Keep(edge => edge.Kind is not Circuits.EdgeKind.Mlp);
        var ours = EapGraph.Of(circuit, "energy").Edges;
        var theirs = EapGraph.Of(new EapConfig(1, 1, false, 8), [new("m0", "logits", 0.1, true), new("a0.0", "m0", -0.2, true), new("embed", "a0.0.q", 9, true)]);

        var found = GraphComparison.Of(theirs, circuit, "energy");

        Assert.Equal(["input->a0.h0<q>"], found.Both);
        Assert.Equal(["a0.h0->m0", "m0->logits"], found.OnlyTheirs);
        Assert.Equal(ours.Where(edge => edge.Value.InGraph && edge.Key != "input->a0.h0<q>").OrderByDescending(edge => edge.Value.Score).Select(edge => edge.Key), found.OnlyOurs);
    }

    [Fact]
    public void Graph_of_another_model_is_refused()
    {
        var graph = EapGraph.Of(new EapConfig(12, 12, false, 768), []);

        Assert.Contains("12 layers", Assert.Throws<ArgumentException>(() => GraphComparison.Of(graph, SmallCircuit.Random(1, 1, false, seed: 1), "energy")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rank_correlation_has_its_textbook_values()
    {
        // The first is the example of SciPy's spearmanr; the second is from ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4 by hand: 4.5/√(4.5·5).
        Assert.Equal(0.8207826816681233, RankCorrelation.Of([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])!.Value, 12);
        Assert.Equal(Math.Sqrt(0.9), RankCorrelation.Of([0, 7, 7, 9], [1, 2, 3, 400])!.Value, 12);
        Assert.Equal(-1, RankCorrelation.Of([1, 2, 3], [9, 4, -1])!.Value, 12);
        Assert.Null(RankCorrelation.Of([1, 1, 1], [1, 2, 3]));
        Assert.Null(RankCorrelation.Of([], []));
    }
}
