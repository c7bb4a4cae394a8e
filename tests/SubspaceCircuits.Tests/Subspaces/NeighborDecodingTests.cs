using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests.Subspaces;

public sealed class NeighborDecodingTests
{
    [Fact]
    public void Values_in_clusters_of_their_own_are_read()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        long[] values = [.. Enumerable.Range(0, 600).Select(row => (long)(row % 6))];
        var rows = tensor(values).to(float32).unsqueeze(1) * 10 + randn([600, 2], generator: generator);

        Near.Equal(1, NeighborDecoding.Accuracy(rows, values), 1e-12);
    }

    [Fact]
    public void Of_noise_chance_is_read()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2);
        var random = new Random(2);
        long[] values = [.. Enumerable.Range(0, 4000).Select(_ => random.NextInt64(4))];

        Near.Equal(0.25, NeighborDecoding.Accuracy(randn([4000, 3], generator: generator), values), 4 * Math.Sqrt(0.25 * 0.75 / 2000));
    }

    [Fact]
    public void Rows_without_a_value_are_left_out()
    {
        using var scope = NewDisposeScope();
        var rows = tensor([0f, 0.1f, 0.2f, 9f, 9.1f], [5, 1]);

        Near.Equal(1, NeighborDecoding.Accuracy(rows, [1, -1, 1, 2, 2]), 1e-12);
        Assert.True(double.IsNaN(NeighborDecoding.Accuracy(rows, [-1, -1, -1, -1, -1])));
        Assert.Throws<ArgumentException>(() => NeighborDecoding.Accuracy(rows, [1, 2]));
    }
}
