using CsCheck;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Tests.Tasks;

/// <summary>What every sample of every task has.</summary>
public class TaskTests
{
    // Published models have one position more than the longest sequence; in three languages no word is as long as the context allows.
    private static readonly Dictionary<string, int> UnusedPositions = new()
    {
        ["parity"] = 1,
        ["majority"] = 1,
        ["bin_majority"] = 1,
        ["bce_tomita6"] = 1,
        ["bce_aaaastar"] = 2,
        ["bce_ababstar"] = 2,
    };

    // Languages with one word of every length, hence the same sequences for every seed.
    private static readonly string[] WithoutChance = ["bce_tomita1", "bce_tomita2", "bce_aastar", "bce_aaaastar", "bce_ababstar"];

    // Alphabets that the words do not use up.
    private static readonly Dictionary<string, int> UnusedTokens = new() { ["bce_tomita1"] = 1 };

    public static TheoryData<string> Names =>
    [
        .. TaskRegistry.All.Select(family => family.Name),
        "pure_repeating_pattern:characters=62,longest=30,context=100,mask=true", "unique_token_pattern:repetitions=5",
        "unique_ngram_pattern:n=1,mask=false", "unique_ngram_pattern:n=3,characters=4,longest=66,shortest=50", "unique_ngram_pattern:longest=17,tokens_per_pattern=4",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Longest_problem_fits_the_context_and_no_longer_one_is_drawn(string name)
    {
        var task = TaskRegistry.Find(name);
        var (min, max) = task.Lengths;

        var longest = Enumerable.Range(0, 20).Max(seed => task.Sample(max, new Random(seed)).Tokens.Length);

        // The length of a sum varies: the longest of 20 is no certain bound.
        if (name != "addition")
            Assert.Equal(task.NCtx, longest + UnusedPositions.GetValueOrDefault(name));
        foreach (var length in (int[])[min - 1, max + 1, int.MinValue, int.MaxValue])
        {
            Assert.False(task.HasLength(length));
            var error = Assert.Throws<ArgumentOutOfRangeException>(() => task.Sample(length, new Random(0)));
            Assert.Contains($"{name} has lengths {min} to {max}, but {length} was asked for.", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_sample_is_well_formed(string name)
    {
        var task = TaskRegistry.Find(name);
        Gen.Select(LengthsOf(task), Gen.Int).Sample((length, seed) =>
        {
            var sample = task.Sample(length, new Random(seed));

            Assert.Equal(task.Vocabulary.Bos, sample.Tokens[0]);
            Assert.All(sample.Tokens, token => Assert.InRange(token, 0, task.Vocabulary.Pad - 1));
            Assert.Equal(sample.Tokens.Length, sample.Targets.Length);
            Assert.Equal(sample.Tokens.Length, sample.LossTargets.Length);
            Assert.InRange(sample.MaxOffset, 0, task.NCtx - sample.Tokens.Length);
            Assert.Contains(true, sample.Targets.Select((_, position) => sample.IsScored(position)));
            for (var position = 0; position < sample.Tokens.Length; position++)
            {
                int next = position + 1 < sample.Tokens.Length ? sample.Tokens[position + 1] : TaskSample.Unsupervised, target = sample.Targets[position], loss = sample.LossTargets[position];
                Assert.True(target == next || target == TaskSample.Unsupervised);
                Assert.True(loss == next || loss == TaskSample.Unsupervised && target == TaskSample.Unsupervised);
                if (sample.NextSets is { } sets)
                    Assert.Equal(sample.IsScored(position), sets[position]?.Contains(target) ?? false);
            }

            Assert.Equal(task.Scoring is NextSetScoring, sample.NextSets is not null);
        }, iter: 200, threads: 1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Same_seed_draws_the_same_samples_and_another_seed_others(string name)
    {
        var task = TaskRegistry.Find(name);
        int[][] Draw(int seed) => [.. TaskBatch.Draw(task, task.Lengths.Min, task.Lengths.Max, 20, new Random(seed)).Select(sample => sample.Tokens)];

        // Not below 0: Random takes the seed's absolute value.
        Gen.Int[0, int.MaxValue - 1].Sample(seed =>
        {
            Assert.Equal(Draw(seed), Draw(seed));
            Assert.NotEqual(Draw(seed), Draw(seed + 1));
        }, iter: 5, threads: 1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Samples_of_one_length_differ_unless_the_language_has_one_word_of_it(string name)
    {
        var task = TaskRegistry.Find(name);
        var random = new Random(0);
        var length = Enumerable.Range((task.Lengths.Min + task.Lengths.Max) / 2, 4).First(task.HasLength);

        var different = Enumerable.Range(0, 20).Select(_ => string.Join(' ', task.Sample(length, random).Tokens)).Distinct().Count();

        Assert.Equal(WithoutChance.Contains(name) ? 1 : 2, Math.Min(2, different));
    }

    // 4,000 draws of 150 equally likely lengths: each is expected 26 times or more. The rarest token is expected 100 times.
    [Theory]
    [MemberData(nameof(Names))]
    public void Every_token_and_every_length_occurs(string name)
    {
        var task = TaskRegistry.Find(name);

        var samples = TaskBatch.Draw(task, 0, int.MaxValue, 4000, new Random(0));

        int[] lengths = [.. Enumerable.Range(task.Lengths.Min, task.Lengths.Max - task.Lengths.Min + 1).Where(task.HasLength)];
        // A longer problem has a longer sequence, or more that is predicted; the pure pattern is cut, a sum's length varies.
        if (!name.StartsWith("addition", StringComparison.Ordinal))
            Assert.Equal(lengths.Length, samples.Select(sample => (sample.Tokens.Length, sample.Targets.Count(target => target != TaskSample.Unsupervised))).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, task.Vocabulary.TaskTokens), samples.SelectMany(sample => sample.Tokens).Where(token => token < task.Vocabulary.TaskTokens).Distinct().Order()
            .Concat(Enumerable.Range(0, UnusedTokens.GetValueOrDefault(name))).Distinct().Order());
    }

    [Fact]
    public void Predicted_tokens_begin_at_the_index_asked_for()
    {
        var sample = TaskSample.PredictFrom([7, 8, 9, 10], 2);

        Assert.Equal([TaskSample.Unsupervised, 9, 10, TaskSample.Unsupervised], sample.Targets);
        Assert.Equal([false, true, true, false], Enumerable.Range(0, 4).Select(sample.IsScored));
    }

    /// <summary>Lengths that a task has.</summary>
    internal static Gen<int> LengthsOf(ITask task)
    {
        int[] lengths = [.. Enumerable.Range(task.Lengths.Min, task.Lengths.Max - task.Lengths.Min + 1).Where(task.HasLength)];
        return Gen.Int[0, lengths.Length - 1].Select(i => lengths[i]);
    }
}
