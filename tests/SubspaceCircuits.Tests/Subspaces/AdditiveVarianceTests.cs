using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests.Subspaces;

public sealed class AdditiveVarianceTests
{
    [Fact]
    public void A_sum_of_two_variables_in_two_subspaces_is_taken_apart()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var random = new Random(1);
        long[] first = [.. Enumerable.Range(0, 5000).Select(_ => random.NextInt64(7))];
        long[] second = [.. first.Select(value => random.NextDouble() < 0.3 ? value : random.NextInt64(7))]; // dependent
        var axes = Rotation.Random(5, generator);
        var one = 2 * randn([7, 2], generator: generator).index_select(0, tensor(first)).matmul(axes.narrow(1, 0, 2).T);
        var other = randn([7, 2], generator: generator).index_select(0, tensor(second)).matmul(axes.narrow(1, 2, 2).T);
        var rows = one + other + 0.1 * randn([5000, 5], generator: generator);

        using var parts = new AdditiveVariance(rows, new Dictionary<string, long[]> { ["first"] = first, ["second"] = second }, rounds: 50);

        Near.Equal(1, parts.Captured("first", axes.narrow(1, 0, 2)), 0.01);
        Near.Equal(1, parts.Captured("second", axes.narrow(1, 2, 2)), 0.01);
        Near.Equal(0, parts.Captured("second", axes.narrow(1, 0, 2)), 0.01);
        var total = rows.var(0).sum().item<float>();
        Near.Equal(one.var(0).sum().item<float>() / total, parts.Shares["first"], 0.02);
        Near.Equal(5 * 0.01 / total, parts.RestShare, 0.005);
    }

    [Fact]
    public void What_a_variable_does_not_explain_is_left()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2);

        using var parts = new AdditiveVariance(randn([4000, 3], generator: generator), new Dictionary<string, long[]> { ["constant"] = new long[4000] });

        Near.Equal(0, parts.Shares["constant"], 1e-6);
        Near.Equal(1, parts.RestShare, 1e-6);
        Near.Equal(0, parts.Captured("constant", eye(3)), 1e-6);
    }
}
