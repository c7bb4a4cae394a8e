using SubspaceCircuits.Tasks;
using SubspaceCircuits.Tasks.Patterns;

namespace SubspaceCircuits.Tests.Tasks;

public class PatternTests
{
    [Theory]
    [InlineData("unique_token_pattern", 2)]
    [InlineData("unique_token_pattern:repetitions=5", 5)]
    [InlineData("unique_token_pattern:characters=62,longest=62,repetitions=16", 16)]
    public void Unique_token_pattern_is_repeated_so_often(string name, int repetitions) => Framing.ForEach(name, (length, tokens, isPredicted) =>
    {
        var pattern = tokens[..length];
        Assert.Equal(length, pattern.Distinct().Count());
        Assert.Equal(Enumerable.Repeat(pattern, repetitions).SelectMany(token => token), tokens);
        Assert.Equal(Enumerable.Range(0, tokens.Length).Select(i => i > length), isPredicted);
    });

    [Theory]
    [InlineData("pure_repeating_pattern", 63)]
    [InlineData("pure_repeating_pattern:characters=5,longest=4,context=6", 6)]
    public void Pure_repeating_pattern_fills_the_context(string name, int context) => Framing.ForEach(name, (length, tokens, isPredicted) =>
    {
        Assert.Equal(length, tokens[..length].Distinct().Count());
        Assert.Equal(context, tokens.Length);
        Assert.All(Enumerable.Range(length, context - length), i => Assert.Equal(tokens[i - length], tokens[i]));
        Assert.Equal(Enumerable.Range(0, context).Select(i => i > length), isPredicted);
    });

    [Theory]
    [InlineData("unique_ngram_pattern", 2, 26)]
    [InlineData("unique_ngram_pattern:n=1", 1, 26)]
    [InlineData("unique_ngram_pattern:n=3,characters=62,longest=32", 3, 62)]
    [InlineData("unique_ngram_pattern:n=4,characters=3,longest=84,shortest=4", 4, 3)]
    [InlineData("unique_ngram_pattern:characters=62,longest=17,tokens_per_pattern=4", 2, 4)]
    public void Unique_ngram_pattern_has_no_ngram_twice_and_is_copied(string name, int n, int tokensOfAPattern) => Framing.ForEachAnswer(name, (length, pattern, copy) =>
    {
        Assert.Equal(length, pattern.Length);
        Assert.True(Framing.HasDistinctNgrams(pattern, n));
        Assert.InRange(pattern.Distinct().Count(), 1, tokensOfAPattern);
        Assert.Equal(pattern, copy);
    });

    [Theory]
    [InlineData("unique_token_pattern", true)]
    [InlineData("unique_token_pattern:mask=false", false)]
    [InlineData("pure_repeating_pattern", false)]
    [InlineData("pure_repeating_pattern:mask=true", true)]
    [InlineData("unique_ngram_pattern", true)]
    [InlineData("unique_ngram_pattern:mask=false", false)]
    public void Mask_decides_whether_training_leaves_out_what_is_not_scored(string name, bool isMasked)
    {
        var task = TaskRegistry.Find(name);
        var sample = task.Sample(8, new Random(0));

        Assert.Equal(isMasked ? sample.Targets : [.. sample.Tokens[1..], TaskSample.Unsupervised], sample.LossTargets);
        Assert.Contains(TaskSample.Unsupervised, sample.Targets[..8]);
    }

    [Theory]
    [InlineData("unique_ngram_pattern:n=2,characters=3,longest=11", "3 characters make 3^2 = 9 different 2-grams, enough for patterns of up to 10 characters, but longest is 11")]
    [InlineData("unique_ngram_pattern:n=1,characters=26,longest=27", "26 characters make 26^1 = 26 different 1-grams, enough for patterns of up to 26 characters, but longest is 27")]
    [InlineData("unique_ngram_pattern:n=3,tokens_per_pattern=2,longest=11", "2 characters make 2^3 = 8 different 3-grams, enough for patterns of up to 10 characters, but longest is 11")]
    [InlineData("unique_ngram_pattern:shortest=12,longest=11", "shortest is 12 and longest is 11")]
    [InlineData("unique_ngram_pattern:characters=4,tokens_per_pattern=5,longest=5", "at most all 4 characters, but tokens_per_pattern is 5")]
    [InlineData("unique_ngram_pattern:n=3,shortest=2", "shortest should be a whole number from 3 to 1000, but is '2'")]
    [InlineData("unique_token_pattern:characters=9", "A pattern of 10 distinct characters needs as many, but there are 9")]
    [InlineData("unique_token_pattern:repetitions=1", "repetitions should be a whole number from 2 to 16, but is '1'")]
    [InlineData("pure_repeating_pattern:characters=19", "A pattern of 20 distinct characters needs as many, but there are 19")]
    [InlineData("pure_repeating_pattern:context=21", "at least 22 characters, but context is 21")]
    public void Impossible_settings_are_refused_with_the_bound(string name, string bound)
    {
        var message = Assert.Throws<ArgumentException>(() => TaskRegistry.Find(name)).Message;

        Assert.Contains(bound, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("unique_ngram_pattern:n=2,characters=3,longest=10")]
    [InlineData("unique_ngram_pattern:n=1,characters=26,longest=26")]
    [InlineData("unique_ngram_pattern:n=8,characters=62,longest=1000")]
    [InlineData("unique_token_pattern:characters=10")]
    [InlineData("pure_repeating_pattern:context=22")]
    public void Settings_at_the_bound_work(string name)
    {
        var task = TaskRegistry.Find(name);

        Assert.Equal(task.NCtx, task.Sample(task.Lengths.Max, new Random(0)).Tokens.Length);
    }

    [Fact]
    public void Constructor_and_options_make_the_same_task()
    {
        var made = new UniqueTokenPattern(characters: 36, longest: 20, isMasked: false);
        var found = TaskRegistry.Find("unique_token_pattern:characters=36,longest=20,mask=false");

        Assert.Equal("unique_token_pattern:characters=36,longest=20,mask=false", made.Name);
        Assert.Equal((found.Name, found.Lengths, found.NCtx), (made.Name, made.Lengths, made.NCtx));
        Assert.Equal(found.Sample(7, new Random(1)).Tokens, made.Sample(7, new Random(1)).Tokens);
    }
}
