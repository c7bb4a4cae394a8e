using SubspaceCircuits.Circuits;
using SubspaceCircuits.Runs.Interchange;
using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests.Interchange;

public sealed class ComponentEdgeTests
{
    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(2, 2, false)]
    [InlineData(3, 2, true)]
    public void Score_is_the_greatest_threshold_on_subspace_edges_that_leaves_the_component_edge(int layers, int heads, bool hasMlps)
    {
        var circuit = SmallCircuit.Random(layers, heads, hasMlps, seed: layers);

        var edges = ComponentEdge.Of(circuit, "variance_share");

        foreach (var threshold in circuit.Edges.Select(edge => edge.Scores.VarianceShare).Order().Where((_, index) => index % 7 == 0))
        {
            var left = ComponentGraph.Edges(circuit.Keep(edge => edge.Scores.VarianceShare >= threshold)).Order();
            Assert.Equal(left, edges.Where(edge => edge.Score >= threshold).Select(edge => (edge.Source, edge.Reader)).Order());
        }
    }

    [Fact]
    public void Kept_are_those_that_the_kept_subspace_edges_make()
    {
        var circuit = SmallCircuit.Random(2, 2, true, seed: 5).Keep(edge => edge.Kind is not EdgeKind.Mlp && edge.Via != "a1.0");

        var edges = ComponentEdge.Of(circuit, "energy");

        Assert.Equal(ComponentGraph.Edges(circuit).Order(), edges.Where(edge => edge.IsKept).Select(edge => (edge.Source, edge.Reader)).Order());
        Assert.Contains(edges, edge => !edge.IsKept);
    }

    [Fact]
    public void Score_that_is_unknown_or_not_finite_is_refused()
    {
        var circuit = SmallCircuit.Random(1, 1, false, seed: 1);
        var withoutVariance = circuit with { Edges = [.. circuit.Edges.Select(edge => edge with { Scores = edge.Scores with { Variance = double.NaN } })] };

        Assert.Contains("variance_share", Assert.Throws<ArgumentException>(() => ComponentEdge.Of(circuit, "merit")).Message, StringComparison.Ordinal);
        Assert.Contains("no finite variance", Assert.Throws<ArgumentException>(() => ComponentEdge.Of(withoutVariance, "variance")).Message, StringComparison.Ordinal);
        Assert.NotEmpty(ComponentEdge.Of(withoutVariance, "energy"));
    }
}
