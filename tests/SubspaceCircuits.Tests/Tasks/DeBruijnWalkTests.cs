using System.Diagnostics;
using CsCheck;
using SubspaceCircuits.Tasks.Patterns;

namespace SubspaceCircuits.Tests.Tasks;

public class DeBruijnWalkTests
{
    public static TheoryData<int, int> Graphs => new()
    {
        { 2, 1 }, { 2, 2 }, { 2, 3 }, { 2, 4 }, { 2, 5 }, { 2, 8 }, { 2, 12 }, { 3, 1 }, { 3, 2 }, { 3, 3 }, { 3, 5 }, { 4, 2 }, { 4, 4 },
        { 5, 3 }, { 7, 2 }, { 10, 2 }, { 10, 3 }, { 16, 2 }, { 26, 1 }, { 26, 2 }, { 62, 1 }, { 62, 2 },
    };

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Longest_string_has_every_ngram_once(int tokens, int n)
    {
        var nGrams = (int)DeBruijnWalk.NGrams(tokens, n);
        foreach (var seed in Enumerable.Range(0, 10))
        {
            var text = DeBruijnWalk.Draw(tokens, n, nGrams + n - 1, new Random(seed));

            Assert.All(text, token => Assert.InRange(token, 0, tokens - 1));
            Assert.Equal(Enumerable.Range(0, nGrams).Select(i => (long)i), Codes(text, tokens, n).Order());
        }
    }

    [Fact]
    public void No_length_repeats_an_ngram() => Gen.Select(Gen.Int[2, 6], Gen.Int[1, 4], Gen.Double[0, 1], Gen.Int).Sample((tokens, n, share, seed) =>
    {
        var length = n + (int)(share * (DeBruijnWalk.NGrams(tokens, n) - 1));

        var text = DeBruijnWalk.Draw(tokens, n, length, new Random(seed));

        Assert.Equal(length, text.Length);
        Assert.Equal(length - n + 1, Codes(text, tokens, n).Distinct().Count());
    }, iter: 500, threads: 1);

    [Fact]
    public void Strings_of_one_token_each_are_uniform_permutations()
    {
        var random = new Random(0);

        var counts = Enumerable.Range(0, 24_000).Select(_ => string.Concat(DeBruijnWalk.Draw(4, 1, 4, random))).CountBy(text => text).ToDictionary();

        // 24 permutations, 1,000 expected of each; the standard deviation is 31.
        Assert.Equal(24, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void Longest_strings_are_uniform()
    {
        var random = new Random(0);

        var counts = Enumerable.Range(0, 16_000).Select(_ => string.Concat(DeBruijnWalk.Draw(2, 3, 10, random))).CountBy(text => text).ToDictionary();

        // There are 2 binary de Bruijn sequences of order 3, each cut open at any of 8 places: 1,000 expected of each; the standard deviation is 31.
        Assert.Equal(16, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void Short_strings_of_large_graphs_are_nearly_independent_tokens()
    {
        var random = new Random(0);
        var counts = new int[62];

        for (var i = 0; i < 2000; i++)
        {
            foreach (var token in DeBruijnWalk.Draw(62, 3, 31, random))
                counts[token]++;
        }

        // 1,000 expected of each token; the standard deviation is 31.
        Assert.All(counts, count => Assert.InRange(count, 850, 1150));
    }

    // Microseconds where a whole graph would take milliseconds: 62^3 = 238,328 edges, 62^8 could not be stored at all. The bound is 20 times what it takes.
    [Theory]
    [InlineData(62, 3, 32)]
    [InlineData(62, 8, 39)]
    public void Cost_is_that_of_the_length_not_of_the_graph(int tokens, int n, int length)
    {
        var random = new Random(0);
        for (var i = 0; i < 100; i++)
            DeBruijnWalk.Draw(tokens, n, length, random);

        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 1000; i++)
            DeBruijnWalk.Draw(tokens, n, length, random);

        Assert.InRange(watch.Elapsed.TotalMicroseconds / 1000, 0, 250);
        var before = GC.GetAllocatedBytesForCurrentThread();
        DeBruijnWalk.Draw(tokens, n, length, random);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);
    }

    private static IEnumerable<long> Codes(int[] text, int tokens, int n) =>
        Enumerable.Range(0, text.Length - n + 1).Select(i => text[i..(i + n)].Aggregate(0L, (code, token) => code * tokens + token));
}
