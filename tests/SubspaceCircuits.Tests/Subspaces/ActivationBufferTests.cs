using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests.Subspaces;

public sealed class ActivationBufferTests
{
    [Fact]
    public void Queries_are_the_rows_of_the_leftmost_block_and_then_of_the_next()
    {
        using var scope = NewDisposeScope();
        using var buffer = new ActivationBuffer(new CountingSource(1), blockLength: 4, refillBlocks: 3);

        Assert.Equal([0, 1], Numbers(buffer.TakeQueries(2)));
        Assert.Equal([2, 3], Numbers(buffer.TakeQueries(2)));
        Assert.Equal([4, 5], Numbers(buffer.TakeQueries(2)));
    }

    [Fact]
    public void Keys_start_after_the_block_of_queries_and_stay()
    {
        using var scope = NewDisposeScope();
        using var buffer = new ActivationBuffer(new CountingSource(1), blockLength: 2, refillBlocks: 4);
        buffer.TakeQueries(1);

        Assert.Equal([2, 3, 4, 5], Numbers(buffer.Keys(2)));
        Assert.Equal([2, 3, 4, 5], Numbers(buffer.Keys(2)));
        buffer.TakeQueries(1);
        Assert.Equal([2, 3, 4, 5], Numbers(buffer.Keys(2)));
        buffer.TakeQueries(1);
        Assert.Equal([4, 5, 6, 7], Numbers(buffer.Keys(2)));
    }

    [Fact]
    public void A_block_of_16384_serves_128_batches_and_then_the_window_slides_by_one_block()
    {
        using var scope = NewDisposeScope();
        var source = new CountingSource(1);
        using var buffer = new ActivationBuffer(source, blockLength: 16_384, refillBlocks: 4);

        for (var batch = 0; batch < 128; batch++)
        {
            Assert.Equal(128 * batch, Numbers(buffer.TakeQueries(128))[0]);
            Assert.Equal(16_384, Numbers(buffer.Keys(2))[0]);
        }

        Assert.Equal(16_384, Numbers(buffer.TakeQueries(128))[0]);
        Assert.Equal(2 * 16_384, Numbers(buffer.Keys(2))[0]);
        Assert.Equal([4 * 16_384], source.Calls);
    }

    [Fact]
    public void A_refill_is_appended_and_the_old_blocks_stay()
    {
        using var scope = NewDisposeScope();
        var source = new CountingSource(1);
        using var buffer = new ActivationBuffer(source, blockLength: 2, refillBlocks: 2);
        buffer.TakeQueries(2);

        Assert.Equal([2, 3, 4, 5, 6, 7], Numbers(buffer.Keys(3)));
        Assert.Equal([4, 4], source.Calls);
        Assert.Equal([2, 3], Numbers(buffer.TakeQueries(2)));
        Assert.Equal([4, 5], Numbers(buffer.Keys(1)));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(3, 2)]
    [InlineData(8, 4)]
    public void A_query_is_never_among_its_keys_and_never_comes_twice(int batchSize, int keyBlocks)
    {
        using var scope = NewDisposeScope();
        using var buffer = new ActivationBuffer(new CountingSource(1), blockLength: 8, refillBlocks: 3);
        HashSet<int> seen = [];

        for (var step = 0; step < 30; step++)
        {
            var queries = Numbers(buffer.TakeQueries(batchSize));
            var keys = Numbers(buffer.Keys(keyBlocks));

            Assert.Equal(batchSize, queries.Length);
            Assert.Equal(8 * keyBlocks, keys.Length);
            Assert.Empty(queries.Intersect(keys));
            Assert.All(queries, query => Assert.True(seen.Add(query)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void A_batch_longer_than_a_block_or_empty_is_refused(int batchSize)
    {
        using var buffer = new ActivationBuffer(new CountingSource(1), blockLength: 4, refillBlocks: 1);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => buffer.TakeQueries(batchSize));

        Assert.Contains("1 to 4", error.Message, StringComparison.Ordinal);
    }

    private static int[] Numbers(Tensor rows) => [.. rows.flatten().data<float>().Select(value => (int)value)];

    private static int[] Numbers(IEnumerable<Tensor> blocks) => [.. blocks.SelectMany(Numbers)];
}
