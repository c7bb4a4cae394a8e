using SubspaceCircuits.Circuits;

namespace SubspaceCircuits.Tests.Circuits;

public sealed class CircuitSelectionTests
{
    [Theory]
    [InlineData(0.5, new[] { 0.6 })]
    [InlineData(0.6, new[] { 0.6 })]
    [InlineData(0.61, new[] { 0.6, 0.3 })]
    [InlineData(0.95, new[] { 0.6, 0.3, 0.1 })]
    public void The_fewest_edges_that_cover_the_share_are_kept(double coverage, double[] kept)
    {
        var circuit = new Circuit([], [Embed("x0.pre/0"), Embed("x0.pre/1"), Embed("x0.pre/2"), Unembed("x0.pre/0", 0.3), Unembed("x0.pre/1", 0.6), Unembed("x0.pre/2", 0.1)]);

        var chosen = CircuitSelection.ByCoverage(circuit, coverage);

        Assert.Equal(kept, chosen.Kept.Where(edge => edge.Kind is EdgeKind.Unembed).Select(edge => edge.Scores.VarianceShare).OrderDescending());
        Assert.Equal(kept.Length, chosen.Kept.Count(edge => edge.Kind is EdgeKind.Embed)); // what feeds nothing falls off
        Assert.Equal(circuit.Edges.Count, chosen.Edges.Count);
    }

    [Fact]
    public void Full_coverage_keeps_every_edge_that_carries_anything_however_little()
    {
        // Shares of 1e-20 disappear in a sum that has reached 1.
        var circuit = new Circuit([], [Embed("x0.pre/0"), Embed("x0.pre/1"), Embed("x0.pre/2"), Unembed("x0.pre/0", 1), Unembed("x0.pre/1", 1e-20), Unembed("x0.pre/2", 0)]);

        var kept = CircuitSelection.ByCoverage(circuit, 1).Kept.ToArray();

        Assert.Equal(["x0.pre/0", "x0.pre/1"], kept.Where(edge => edge.Kind is EdgeKind.Unembed).Select(edge => edge.From));
    }

    [Theory]
    [MemberData(nameof(RandomModel.Kinds), MemberType = typeof(RandomModel))]
    public void Full_coverage_keeps_a_random_model_whole(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);

        var circuit = CircuitSelection.ByCoverage(CircuitBuilder.Candidates(model.Model), 1);

        Assert.Equal(circuit.Edges.Count, circuit.Kept.Count());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void A_coverage_out_of_range_is_refused(double coverage) =>
        Assert.Throws<ArgumentException>(() => CircuitSelection.ByCoverage(new Circuit([], []), coverage));

    [Fact]
    public void Chains_that_nothing_feeds_or_that_feed_nothing_fall_off()
    {
        var circuit = new Circuit([], [
            Embed("x0.pre/0"), Pass("x0.pre/0", "x0.post/0"), Unembed("x0.post/0"),
            Pass("x0.pre/1", "x0.post/1"), Unembed("x0.post/1"),            // nothing feeds x0.pre/1
            Pass("x0.pre/0", "x0.post/2"), Pass("x0.post/2", "x1.post/0"),  // nothing reads x1.post/0
        ]);

        var kept = CircuitSelection.WithoutDangling(circuit).Kept;

        Assert.Equal(circuit.Edges.Take(3), kept);
    }

    [Fact]
    public void A_head_that_writes_nothing_goes_with_what_feeds_only_its_scores()
    {
        var circuit = new Circuit([], [
            Embed("x0.pre/0"), Embed("x0.pre/1"), Pass("x0.pre/0", "x0.post/0"), Unembed("x0.post/0"),
            Qk("a0.0", "x0.pre/1", "x0.pre/0"), Qk("a0.0", "const", "x0.pre/1"),
            Ov("a0.0", "x0.pre/0", "x0.post/9"), // read by nothing
        ]);

        var kept = CircuitSelection.WithoutDangling(circuit).Kept;

        Assert.Equal([circuit.Edges[0], circuit.Edges[2], circuit.Edges[3]], kept);
    }

    [Fact]
    public void A_score_needs_both_its_subspaces_and_const_needs_no_feeding()
    {
        var circuit = new Circuit([], [
            Embed("x0.pre/0"), Ov("a0.0", "x0.pre/0", "x0.post/0"), Unembed("x0.post/0"),
            Qk("a0.0", "const", "x0.pre/0"), Qk("a0.0", "x0.pre/7", "x0.pre/0"), Qk("a0.0", "x0.pre/0", "x0.pre/7"),
        ]);

        var kept = CircuitSelection.WithoutDangling(circuit).Kept;

        Assert.Equal(circuit.Edges.Take(4), kept);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.8)]
    [InlineData(0.95)]
    public void What_is_left_has_nothing_dangling(double coverage)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");

        var circuit = CircuitSelection.ByCoverage(CircuitBuilder.Candidates(model.Model), coverage);

        Assert.NotEmpty(circuit.Kept);
        Assert.Equal(circuit.Kept, CircuitSelection.WithoutDangling(circuit).Kept);
    }

    [Fact]
    public void Shares_of_what_arrives_add_up_to_one_at_every_target()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("attention only");

        var circuit = CircuitBuilder.Candidates(model.Model);

        Assert.All(circuit.Edges.GroupBy(edge => edge.Target), target => Assert.Equal(1, target.Sum(edge => edge.Scores.VarianceShare), 1e-12));
        Assert.Equal(circuit.Edges.Select(edge => edge.From ?? edge.Query).Concat(circuit.Edges.Select(edge => edge.To ?? edge.Key)).Concat(circuit.Edges.Select(edge => edge.Via)).OfType<string>().Distinct().Order(StringComparer.Ordinal),
            circuit.Nodes.Select(node => node.Id).Order(StringComparer.Ordinal));
    }

    private static EdgeScores Carries(double variance) => new(variance, variance, variance, variance);

    private static CircuitEdge Embed(string to) => new(EdgeKind.Embed, null, "embed", to, null, null, Carries(1));

    private static CircuitEdge Pass(string from, string to) => new(EdgeKind.Passthrough, null, from, to, null, null, Carries(1));

    private static CircuitEdge Ov(string head, string from, string to) => new(EdgeKind.Ov, head, from, to, null, null, Carries(1));

    private static CircuitEdge Qk(string head, string query, string key) => new(EdgeKind.Qk, head, null, null, query, key, Carries(1));

    private static CircuitEdge Unembed(string from, double share = 1) => new(EdgeKind.Unembed, null, from, "logits", null, null, Carries(share));
}
