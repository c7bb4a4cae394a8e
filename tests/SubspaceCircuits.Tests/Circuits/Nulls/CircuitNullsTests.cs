using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Nulls;

namespace SubspaceCircuits.Tests.Circuits.Nulls;

public sealed class CircuitNullsTests
{
    public static TheoryData<string> Kinds => RandomModel.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_edge_with_an_energy_has_the_z_of_its_null(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);

        var circuit = CircuitNulls.With(model.Model, CircuitBuilder.Candidates(model.Model));

        Assert.All(circuit.Edges, edge => Assert.Equal(edge.Query == "const", edge.Scores.Z is null));
        Assert.All(circuit.Edges, edge => Assert.Equal(edge.Scores.Z is null, edge.Scores.Q is null));
        Assert.All(circuit.Edges.Where(edge => edge.Scores.Q is not null), edge => Assert.InRange(edge.Scores.Q!.Value, 0, 1));
        // Of a passthrough the null is known in closed form: two projectors of ranks m and n have mean mn/d and variance 2mn(d−m)(d−n)/(d²(d−1)(d+2)).
        var (read, write) = model.Model.AroundAttention(1);
        var checkedEdges = 0;
        foreach (var edge in circuit.Edges.Where(edge => edge.Kind is EdgeKind.Passthrough && edge.From!.StartsWith($"{read.Site}/", StringComparison.Ordinal)))
        {
            double d = 10, m = read.Sizes[edge.From![^1] - '0'], n = write.Sizes[edge.To![^1] - '0'];
            var deviation = Math.Sqrt(2 * m * n * (d - m) * (d - n) / (d * d * (d - 1) * (d + 2)));
            Assert.Equal((edge.Scores.Energy - m * n / d) / deviation, edge.Scores.Z!.Value, 6);
            checkedEdges++;
        }

        Assert.Equal(read.Count * write.Count, checkedEdges);
    }

    [Fact]
    public void Heads_are_compared_where_there_are_three_or_more()
    {
        using var scope = NewDisposeScope();
        using var three = RandomModel.OfKind("attention only");
        using var two = RandomModel.OfKind("GELU");

        var (many, few) = (CircuitNulls.With(three.Model, CircuitBuilder.Candidates(three.Model)), CircuitNulls.With(two.Model, CircuitBuilder.Candidates(two.Model)));

        Assert.All(many.Edges.Where(edge => edge.Kind is EdgeKind.Ov), edge => Assert.NotNull(edge.Scores.HeadZ));
        Assert.All(few.Edges, edge => Assert.Null(edge.Scores.HeadZ));
        // The median of three is at 0, and one lies on each side of it.
        foreach (var block in many.Edges.Where(edge => edge.Kind is EdgeKind.Ov).GroupBy(edge => (edge.From, edge.To)))
            Assert.Equal(1, block.Count(edge => edge.Scores.HeadZ == 0));
    }

    [Fact]
    public void Selection_by_significance_keeps_what_exceeds_chance_and_needs_the_nulls()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        var candidates = CircuitBuilder.Candidates(model.Model);
        var circuit = CircuitNulls.With(model.Model, candidates);

        Circuit strict = CircuitSelection.BySignificance(circuit, 1e-9), loose = CircuitSelection.BySignificance(circuit, .999);

        Assert.All(loose.Kept.Where(edge => edge.Scores.Q is not null), edge => Assert.True(edge.Scores.Q <= .999));
        Assert.True(strict.Kept.Count() < loose.Kept.Count());
        Assert.Throws<ArgumentException>(() => CircuitSelection.BySignificance(candidates, .05));
        Assert.Throws<ArgumentException>(() => CircuitSelection.BySignificance(circuit, 0));
    }

    [Fact]
    public void Selection_by_score_takes_the_greatest_and_drops_what_dangles()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("attention only");
        var candidates = CircuitBuilder.Candidates(model.Model);
        double[] scores = [.. candidates.Edges.Select((_, at) => (double)-at)];

        var all = CircuitSelection.ByScore(candidates, scores, candidates.Edges.Count);
        var some = CircuitSelection.ByScore(candidates, scores, 10);

        Assert.Equal(candidates.Edges.Count, all.Kept.Count());
        Assert.Empty(some.Kept); // the first edges lead nowhere without the last
        Assert.Throws<ArgumentException>(() => CircuitSelection.ByScore(candidates, [1], 1));
    }
}
