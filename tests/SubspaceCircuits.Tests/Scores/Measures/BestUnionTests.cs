using SubspaceCircuits.Scores.Measures;

namespace SubspaceCircuits.Tests.Scores.Measures;

public sealed class BestUnionTests
{
    private const double Rounding = 1e-9;

    [Fact]
    public void Purest_block_gives_way_to_two_that_hold_more()
    {
        // Purities 0.30, 0.275, 0.275; room for the first or for both others: 0.55 + 0.55 > 0.9
        var union = BestUnion.Of([0.9, 0.55, 0.55], [3, 2, 2], size: 2, room: 4);

        Assert.Equal([1, 2], union.Blocks);
        Assert.Equal(0.55, union.Capture, Rounding);
    }

    [Fact]
    public void Blocks_that_hold_nothing_are_left_out()
    {
        Assert.Equal([1], BestUnion.Of([1e-17, 1, 0], [1, 1, 1], size: 1, room: 3).Blocks);
        Assert.Empty(BestUnion.Of([1], [4], size: 1, room: 3).Blocks);
    }

    [Fact]
    public void It_is_the_best_of_all_subsets()
    {
        var random = new Random(2);
        for (var trial = 0; trial < 200; trial++)
        {
            var count = random.Next(1, 9);
            int[] sizes = [.. Enumerable.Range(0, count).Select(_ => random.Next(1, 6))];
            double[] overlaps = [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];
            var room = random.Next(1, 12);

            var union = BestUnion.Of(overlaps, sizes, size: 1, room);

            var best = Enumerable.Range(0, 1 << count).Select(set => Enumerable.Range(0, count).Where(j => (set >> j & 1) == 1).ToArray())
                .Where(set => set.Sum(j => sizes[j]) <= room).Max(set => set.Sum(j => overlaps[j]));
            Assert.Equal(best, union.Capture, Rounding);
            Assert.Equal(union.Capture, union.Blocks.Sum(j => overlaps[j]), Rounding);
            Assert.True(union.Blocks.Sum(j => sizes[j]) <= room);
        }
    }
}
