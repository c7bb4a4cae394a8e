using System.Numerics;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Tests.Tasks;

/// <summary>The published tasks, by definitions that are written down here again.</summary>
public class PublishedTaskTests
{
    private const string Eos = "<eos>";

    [Fact]
    public void Unique_copy_is_distinct_and_copied() => Framing.ForEachAnswer("unique_copy", (length, question, answer) =>
    {
        Assert.Equal(length, question.Distinct().Count());
        Assert.Equal([.. question, Eos], answer);
    });

    [Fact]
    public void Unique_reverse_is_distinct_and_reversed() => Framing.ForEachAnswer("unique_reverse", (length, question, answer) =>
    {
        Assert.Equal(length, question.Distinct().Count());
        Assert.Equal([.. question.Reverse(), Eos], answer);
    });

    [Fact]
    public void Sort_is_distinct_and_sorted_by_number() => Framing.ForEachAnswer("sort", (length, question, answer) =>
    {
        Assert.Equal(length, question.Distinct().Count());
        Assert.Equal([.. question.OrderBy(int.Parse), Eos], answer);
    });

    [Fact]
    public void Repeat_copy_is_copied() => Framing.ForEachAnswer("repeat_copy", (length, question, answer) =>
    {
        Assert.Equal(length, question.Length);
        Assert.Equal([.. question, Eos], answer);
    });

    [Fact]
    public void Unique_bigram_copy_has_no_bigram_twice_and_is_copied() => Framing.ForEachAnswer("unique_bigram_copy", (length, question, answer) =>
    {
        Assert.Equal(length, question.Length);
        Assert.True(length == 1 || Framing.HasDistinctNgrams(question, 2));
        Assert.Equal([.. question, Eos], answer);
    });

    [Fact]
    public void Unique_bigram_copy_uses_its_tokens_evenly()
    {
        var task = TaskRegistry.Find("unique_bigram_copy");

        var counts = Enumerable.Range(0, 50).Select(seed => task.Sample(150, new Random(seed)).Tokens[1..151].CountBy(token => token).Select(pair => pair.Value).ToArray()).ToList();

        // What the preference for tokens with many unused bigrams is for: 150 / 16 is 9.4. Independent tokens would reach 15 and more.
        Assert.All(counts, found => Assert.True(found.Length == 16 && found.Min() >= 8 && found.Max() <= 11, string.Join(' ', found)));
    }

    [Fact]
    public void Count_goes_from_start_to_end() => Framing.ForEachAnswer("count", (length, question, answer) =>
    {
        var (start, end) = (int.Parse(question[0]), int.Parse(question[1]));
        Assert.Equal(length, end - start + 1);
        Assert.Equal([.. Enumerable.Range(start, length).Select(number => $"{number}"), Eos], answer);
    });

    [Fact]
    public void Addition_adds() => Framing.ForEachAnswer("addition", (length, question, answer) =>
    {
        var numbers = string.Concat(question).Split('+');
        Assert.Equal(length, question.Length);
        Assert.Equal(2, numbers.Length);
        Assert.All(numbers, number => Assert.Matches("^(0|1[01]*)$", number));
        var sum = numbers.Select(number => BigInteger.Parse("0" + number, System.Globalization.NumberStyles.BinaryNumber)).Aggregate(BigInteger.Add);
        Assert.Equal(Eos, answer[^1]);
        Assert.Equal(sum.IsZero ? "0" : sum.ToString("B").TrimStart('0'), string.Concat(answer[..^1]));
    });

    [Fact]
    public void Parity_is_that_of_the_ones() => Framing.ForEachAnswer("parity", (length, question, answer) =>
    {
        Assert.Equal(length, question.Length);
        Assert.Equal([$"{question.Count(bit => bit == "1") % 2}"], answer);
    });

    [Fact]
    public void Majority_is_the_only_most_frequent_letter() => Framing.ForEachAnswer("majority", (length, question, answer) =>
    {
        Assert.Equal(length, question.Length);
        var counts = question.CountBy(letter => letter).OrderByDescending(pair => pair.Value).ToArray();
        Assert.True(counts.Length == 1 || counts[0].Value > counts[1].Value);
        Assert.Equal([counts[0].Key], answer);
    });

    [Fact]
    public void Bin_majority_is_the_bit_of_more_than_half() => Framing.ForEachAnswer("bin_majority", (length, question, answer) =>
    {
        Assert.Equal(length, question.Length);
        Assert.True(2 * question.Count(bit => bit == answer[0]) > length);
        Assert.Single(answer);
    });

    [Fact]
    public void Bin_majority_interleave_is_that_of_every_third_bit() => Framing.ForEachAnswer("bin_majority_interleave", (length, question, answer) =>
    {
        Assert.Equal(length, question.Length);
        Assert.Equal(4, answer.Length);
        Assert.Equal(Eos, answer[3]);
        for (var k = 0; k < 3; k++)
            Assert.True(2 * question.Where((bit, i) => i % 3 == k && bit == answer[k]).Count() > length / 3);
    });

    [Fact]
    public void Bin_majority_interleave_has_multiples_of_three_only()
    {
        var task = TaskRegistry.Find("bin_majority_interleave");

        Assert.Equal([3, 6, 9], Enumerable.Range(-3, 15).Where(task.HasLength));
        Assert.Contains("bin_majority_interleave has no problem of length 4.", Assert.Throws<ArgumentOutOfRangeException>(() => task.Sample(4, new Random(0))).Message, StringComparison.Ordinal);
        Assert.Contains("no problem of a length in 4-5", Assert.Throws<ArgumentException>(() => TaskBatch.Draw(task, 4, 5, 1, new Random(0))).Message, StringComparison.Ordinal);
    }

    // Sequence lengths and offsets of the published training, by hand from its description.
    [Theory]
    [InlineData("unique_copy", 10, 23, 280, 303)]
    [InlineData("unique_reverse", 10, 23, 280, 303)]
    [InlineData("sort", 10, 23, 280, 303)]
    [InlineData("repeat_copy", 10, 23, 280, 303)]
    [InlineData("unique_bigram_copy", 10, 23, 280, 303)]
    [InlineData("count", 10, 15, 140, 155)]
    [InlineData("bin_majority_interleave", 30, 36, 120, 156)]
    [InlineData("bin_majority", 10, 13, 140, 154)]
    [InlineData("parity", 10, 13, 140, 154)]
    [InlineData("majority", 10, 13, 140, 154)]
    [InlineData("bce_D3", 10, 12, 140, 152)]
    public void Context_and_offsets_are_the_published_ones(string name, int length, int tokens, int maxOffset, int nCtx)
    {
        var task = TaskRegistry.Find(name);
        var sample = task.Sample(length, new Random(0));

        Assert.Equal((tokens, maxOffset, nCtx), (sample.Tokens.Length, sample.MaxOffset, task.NCtx));
    }

    [Fact]
    public void Longest_addition_fills_its_context()
    {
        var task = TaskRegistry.Find("addition");

        var lengths = Enumerable.Range(0, 300).Select(seed => task.Sample(150, new Random(seed))).Select(sample => (sample.Tokens.Length, sample.MaxOffset)).ToList();

        Assert.All(lengths, found => Assert.Equal(302, found.Length + found.MaxOffset));
        // 148 bits and one: a carry into a 149th place is rare, 148 places are not.
        Assert.InRange(lengths.Max(found => found.Length), 300, 302);
    }
}
