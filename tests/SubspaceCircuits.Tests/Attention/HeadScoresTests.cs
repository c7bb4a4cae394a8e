using SubspaceCircuits.Attention;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Tasks.Patterns;
using SubspaceCircuits.Tests.Circuits;

namespace SubspaceCircuits.Tests.Attention;

public sealed class HeadScoresTests
{
    private const double Exact = 1e-12;

    // Patterns are float32; sums are float64.
    private const double Single = 1e-6;

    private static readonly UniqueTokenPattern Task = new();

    // A token that follows itself, bigrams that come back, one that overlaps itself (3 3 3), and a sequence in which nothing comes twice.
    private static readonly int[][] Sequences = [[9, 1, 2, 1, 2, 3, 3, 3, 1, 2], [9, 4, 5, 6], [9], [9, 3, 3, 3, 3, 3, 2]];

    [Fact]
    public void Scores_equal_those_of_loops_over_random_patterns()
    {
        using var scope = NewDisposeScope();
        var patterns = RandomPatterns(layers: 2, heads: 3, seed: 1);
        var means = new ScoreMeans(2, 3);

        means.Add(Sequences[..2], [.. patterns.Select(layer => layer.narrow(0, 0, 2))]);
        means.Add(Sequences[2..], [.. patterns.Select(layer => layer.narrow(0, 2, 2))]);

        for (var layer = 0; layer < 2; layer++)
        {
            for (var head = 0; head < 3; head++)
            {
                var expected = BruteForce.Scores(Sequences, patterns[layer].select(1, head));
                var found = means.Of(layer, head);
                Assert.Equal(HeadScore.All.Select(score => score.Name), expected.Keys);
                Assert.All(expected, score => Assert.Equal(score.Value, found[score.Key], Single));
            }
        }
    }

    [Fact]
    public void Uniform_attention_gives_the_closed_form()
    {
        using var scope = NewDisposeScope();
        var width = Sequences.Max(tokens => tokens.Length);
        var uniform = ones(width, width, dtype: float64).tril() / arange(1, width + 1, dtype: float64).unsqueeze(1);   // [query, key]
        var means = new ScoreMeans(1, 1);

        means.Add(Sequences, [uniform.expand(Sequences.Length, 1, width, width)]);

        Assert.All(HeadScore.All, score => Assert.Equal(means.Of(0, 0)[score.Name], score.Uniform(Sequences), Exact));
    }

    [Theory]
    [InlineData("previous_token", 4, new[] { 3 })]
    [InlineData("induction", 4, new[] { 3 })]
    [InlineData("induction", 6, new[] { 6 })]
    [InlineData("induction", 5, new int[0])]
    [InlineData("duplicate_token", 8, new[] { 1, 3 })]
    [InlineData("same_token", 8, new[] { 1, 3, 8 })]
    [InlineData("first_position", 8, new[] { 0 })]
    [InlineData("ngram_match", 4, new[] { 3 })]
    [InlineData("ngram_match", 7, new[] { 7 })]
    [InlineData("ngram_match", 9, new[] { 5 })]
    [InlineData("ngram_match", 8, new int[0])]
    public void Keys_are_those_of_the_definition(string name, int query, int[] expected) =>
        Assert.Equal(expected, HeadScore.All.Single(score => score.Name == name).Keys(Sequences[0], query));

    [Fact]
    public void A_score_without_queries_is_not_a_number()
    {
        var induction = HeadScore.Induction;

        Assert.True(double.IsNaN(induction.Uniform([[9, 1, 2]])));
        Assert.True(double.IsNaN(new ScoreMeans(1, 1).Of(0, 0)[induction.Name]));
    }

    [Fact]
    public void Previous_token_head_keeps_its_score_when_sequences_are_shuffled()
    {
        using var scope = NewDisposeScope();
        using var weights = PositionsBack(1);
        var samples = TaskBatch.Draw(Task, 2, 5, 20, new Random(0));

        var score = Assert.Single(HeadScores.Of(weights, Task, samples));
        var shuffled = Assert.Single(HeadScores.OfShuffled(weights, Task, samples, 3, new Random(1)));

        Assert.Equal("a0.0", score.Name);
        Assert.Equal(1, score.PreviousToken, Single);
        Assert.Equal(1, shuffled.PreviousToken, Single);
        Assert.Equal(0, score.Values["duplicate_token"], Single); // tokens in a pattern are distinct: the previous position never holds the same one
        Assert.InRange(shuffled.Values["duplicate_token"], 0.01, 0.9);
    }

    // bos s s with five tokens in s: four positions back stands what came after the query's token, so a head without eyes for tokens has the full score.
    // Shuffled, the two places of a token are any of the 45 pairs i < j in 1..10 alike. Counted is i + 1: seen from j >= 6 where i = j - 5 (5 pairs),
    // from j = 2 and 3, which attend to all alike, with 1/3 (1 pair) and 1/4 (2 pairs), from 4 and 5 never. 3000 queries: standard error 0.006.
    [Fact]
    public void Induction_by_distance_alone_falls_to_its_closed_form_when_sequences_are_shuffled()
    {
        using var scope = NewDisposeScope();
        using var weights = PositionsBack(4);
        var samples = TaskBatch.Draw(Task, 5, 5, 200, new Random(0));

        var score = Assert.Single(HeadScores.Of(weights, Task, samples));
        var shuffled = Assert.Single(HeadScores.OfShuffled(weights, Task, samples, 3, new Random(1)));

        Assert.Equal(1, score.Induction, Single);
        Assert.Equal((5 + 1 / 3.0 + 2 / 4.0) / 45, shuffled.Induction, 0.03);
    }

    [Fact]
    public void Shuffling_keeps_BOS_and_the_tokens_and_draws_all_orders_alike()
    {
        TaskSample sample = TaskSample.PredictFrom([9, 1, 2, 3], 2);

        var shuffled = ShuffledSequences.Of([sample], 6000, new Random(5));

        Assert.All(shuffled, found => Assert.Equal((9, "1 2 3", false), (found.Tokens[0], string.Join(' ', found.Tokens[1..].Order()), found.Targets.Any(target => target != TaskSample.Unsupervised))));
        var counts = shuffled.GroupBy(found => string.Join(' ', found.Tokens)).Select(group => group.Count()).ToArray();
        Assert.Equal(6, counts.Length);
        // 1000 of each are expected; five standard deviations of the binomial are 144.
        Assert.All(counts, count => Assert.InRange(count, 856, 1144));
        Assert.Equal([9, 1, 2, 3], sample.Tokens);
    }

    [Fact]
    public void Same_seed_gives_the_same_null_and_nothing_leaks()
    {
        using var model = new RandomModel(RandomModel.AttentionOnly() with { DVocab = Task.Vocabulary.Tokens.Count, NCtx = Task.NCtx }, 3);
        var samples = TaskBatch.Draw(Task, 2, 5, 20, new Random(0));
        List<double> Null() => [.. HeadScores.OfShuffled(model.Weights, Task, samples, 2, new Random(7)).SelectMany(head => head.Values.Values)];
        var first = Null();

        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var second = Null();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equal(first, second);
    }

    /// <summary>A head that attends a number of positions back, and to all alike where there is none: one-hot positions, query i matched with key i - back.</summary>
    private static Weights PositionsBack(int back)
    {
        using var scope = NewDisposeScope();
        ModelConfig config = new() { NLayers = 1, NHeads = 1, DModel = 24, DHead = 24, DVocab = Task.Vocabulary.Tokens.Count, NCtx = Task.NCtx, Normalization = Normalization.None };
        var shift = zeros(24, 24);
        for (var position = back; position < config.NCtx; position++)
            shift[position, position - back] = 1000;
        return WeightNames.Assemble(config, name => WeightNames.Shapes(config).Where(entry => entry.Name == name).Select(entry => name switch
        {
            "pos_embed.W_pos" => eye(24).narrow(0, 0, config.NCtx),
            "blocks.0.attn.W_Q" => shift.unsqueeze(0),
            "blocks.0.attn.W_K" => eye(24).unsqueeze(0),
            _ => zeros(entry.Shape),
        }).Single());
    }

    /// <summary>For each layer causal patterns whose rows add up to 1. [batch, head, query, key]</summary>
    private static Tensor[] RandomPatterns(int layers, int heads, ulong seed)
    {
        var generator = new Generator(seed);
        var width = Sequences.Max(tokens => tokens.Length);
        var ahead = ones(width, width).triu(1).to(ScalarType.Bool);
        return [.. Enumerable.Range(0, layers).Select(_ =>
            (2 * randn(Sequences.Length, heads, width, width, generator: generator)).masked_fill(ahead, float.NegativeInfinity).softmax(-1))];
    }
}
