using System.Numerics;
using SubspaceCircuits.Interventions.Heads;

namespace SubspaceCircuits.Tests.Interventions.Heads;

public sealed class SufficientSetSearchTests
{
    private const int Heads = 8;

    [Theory]
    [InlineData(0.95)]
    [InlineData(0.99)]
    public void Exhaustive_search_finds_all_smallest_sets_of_random_tables(double threshold)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            double[] table = [.. Enumerable.Range(0, 1 << Heads).Select(_ => random.NextDouble())];
            table[^1] = 1;

            var found = new SufficientSetSearch(Heads, Look(table)).Run(threshold);

            var sufficient = Enumerable.Range(0, 1 << Heads).Where(bits => table[bits] >= threshold).ToArray();
            var least = sufficient.Min(bits => BitOperations.PopCount((uint)bits));
            Assert.Equal(least, found.Size);
            Assert.Equal(sufficient.Where(bits => BitOperations.PopCount((uint)bits) == least).Order(), found.Sets.Select(set => (int)set.Bits).Order());
            Assert.True(found.IsExhaustive);
            Assert.Equal(found.Found == least, found.IsHeuristicOptimal);
            Assert.True(found.Found >= least);
        }
    }

    [Fact]
    public void Heuristic_finds_the_optimum_where_more_heads_never_hurt()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            // Sufficient: one head of every group, groups overlap.
            var random = new Random(seed);
            int[] groups = [.. Enumerable.Range(0, 4).Select(_ => random.Next(1, 1 << Heads))];
            double[] table = [.. Enumerable.Range(0, 1 << Heads).Select(bits => groups.Count(group => (group & bits) != 0) / 4.0)];

            var found = new SufficientSetSearch(Heads, Look(table)).Run(0.95);

            Assert.True(found.IsHeuristicOptimal, $"Seed {seed}: the heuristic found {found.Found} heads, the least are {found.Size}.");
        }
    }

    [Fact]
    public void A_gap_of_the_heuristic_is_told()
    {
        // Only all eight heads, or the first three and nothing else, suffice: no path leads from one to the other.
        var table = new double[1 << Heads];
        (table[^1], table[0b111]) = (1, 1);

        var found = new SufficientSetSearch(Heads, Look(table)).Run(0.95);

        Assert.Equal((3, 8, false), (found.Size, found.Found, found.IsHeuristicOptimal));
    }

    [Fact]
    public void Many_heads_are_searched_by_the_heuristic_alone()
    {
        const int Many = 14;

        var found = new SufficientSetSearch(Many, sets => [.. sets.Select(set => new HeadSetMeasure(set.Has(3) && set.Has(12) ? 1 : 0.5, 1, 0))]).Run(0.95);

        Assert.Equal([HeadSet.Of(3, 12)], found.Sets);
        Assert.Equal((false, null), (found.IsExhaustive, found.IsHeuristicOptimal));
    }

    private static Func<IReadOnlyList<HeadSet>, IReadOnlyList<HeadSetMeasure>> Look(double[] table) =>
        sets => [.. sets.Select(set => new HeadSetMeasure(table[(int)set.Bits], 1, 1 - table[(int)set.Bits]))];
}
