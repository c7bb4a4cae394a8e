using SubspaceCircuits.Activations;

namespace SubspaceCircuits.Tests.Activations;

public sealed class ShuffledSourceTests
{
    [Fact]
    public void Each_row_comes_once_in_a_round_and_rounds_repeat()
    {
        using var scope = NewDisposeScope();
        using var source = new ShuffledSource(Rows(10), new Generator(1));

        var order = Enumerable.Range(0, 5).SelectMany(_ => Numbers(source.Next(4))).ToArray();

        Assert.Equal(Enumerable.Range(0, 10), order[..10].Order());
        Assert.Equal(order[..10], order[10..]);
    }

    [Fact]
    public void More_rows_than_there_are_come_in_a_cycle()
    {
        using var scope = NewDisposeScope();
        using var source = new ShuffledSource(Rows(3), new Generator(2));

        var order = Numbers(source.Next(8));

        Assert.Equal(order[..3], order[3..6]);
        Assert.Equal(order[..2], order[6..]);
        Assert.Equal(order[2], Numbers(source.Next(1))[0]);
    }

    [Fact]
    public void Same_seed_same_order_and_another_seed_another()
    {
        using var scope = NewDisposeScope();
        int[] Order(ulong seed)
        {
            using var source = new ShuffledSource(Rows(50), new Generator(seed));
            return Numbers(source.Next(50));
        }

        Assert.Equal(Order(3), Order(3));
        Assert.NotEqual(Order(3), Order(4));
        Assert.NotEqual(Enumerable.Range(0, 50), Order(3));
    }

    [Fact]
    public void A_map_is_applied_to_the_rows_and_their_type_stays()
    {
        using var scope = NewDisposeScope();
        using var source = new ShuffledSource(Rows(6).to(float16), new Generator(5), rows => rows - 2.5f);

        var rows = source.Next(6);

        Assert.Equal(ScalarType.Float16, rows.dtype);
        Assert.Equal(0f, rows.to(float32).sum().item<float>());
    }

    [Fact]
    public void The_rows_are_a_copy()
    {
        using var scope = NewDisposeScope();
        var rows = Rows(4);
        using var source = new ShuffledSource(rows, new Generator(6));

        rows.zero_();

        Assert.Equal([0, 1, 2, 3], Numbers(source.Next(4)).Order());
    }

    [Fact]
    public void No_rows_are_refused()
    {
        using var scope = NewDisposeScope();

        Assert.Throws<ArgumentException>(() => new ShuffledSource(zeros(0, 3), new Generator(7)));
        Assert.Throws<ArgumentException>(() => new ShuffledSource(zeros(3), new Generator(7)));
    }

    private static Tensor Rows(int count) => arange(count, dtype: float32).unsqueeze(-1);

    private static int[] Numbers(Tensor rows) => [.. rows.flatten().data<float>().Select(value => (int)value)];
}
