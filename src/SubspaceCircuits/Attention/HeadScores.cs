using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Attention;

/// <summary>What a head attends to, as mean attention over samples of a task.</summary>
/// <param name="Layer">Layer.</param>
/// <param name="Head">Head within its layer.</param>
/// <param name="Values">Every score of <see cref="HeadScore.All"/> by name, in 0..1; NaN where no query counts.</param>
public sealed record HeadScores(int Layer, int Head, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>Name of the head: <c>a0.1</c>.</summary>
    public string Name => $"a{Layer}.{Head}";

    /// <summary>Attention to the position before the query.</summary>
    public double PreviousToken => Values[HeadScore.PreviousToken.Name];

    /// <summary>Attention to the position after the last earlier occurrence of the query's token.</summary>
    public double Induction => Values[HeadScore.Induction.Name];

    /// <summary>Attention to all positions after an earlier occurrence of the query's token.</summary>
    public double PrefixMatching => Values[HeadScore.PrefixMatching.Name];

    /// <summary>Attention to the position after the last earlier occurrence of the current bigram.</summary>
    public double NgramMatch => Values[HeadScore.NgramMatch.Name];

    /// <summary>Scores of every head on samples of a task.</summary>
    public static IReadOnlyList<HeadScores> Of(Weights weights, ITask task, IReadOnlyList<TaskSample> samples)
    {
        Evaluation.RequireFits(weights.Config, task);
        using var noGrad = no_grad();
        var config = weights.Config;
        var means = new ScoreMeans(config.NLayers, config.NHeads);
        foreach (var part in Evaluation.Batches(samples, config.NCtx))
        {
            using var scope = NewDisposeScope();
            using var batch = new TaskBatch(part, task.Vocabulary.Pad, weights.WE.device);
            using var hooks = new Hooks(Enumerable.Range(0, config.NLayers).Select(HookPoint.Pattern));
            Transformer.Forward(weights, batch.Tokens, hooks: hooks);
            means.Add([.. part.Select(sample => sample.Tokens)], [.. Enumerable.Range(0, config.NLayers).Select(layer => hooks[HookPoint.Pattern(layer)])]);
        }

        return [.. from layer in Enumerable.Range(0, config.NLayers)
                   from head in Enumerable.Range(0, config.NHeads)
                   select new HeadScores(layer, head, means.Of(layer, head))];
    }

    /// <summary>
    /// The scores of <see cref="Of"/> where the order of the task is gone: the model run on <see cref="ShuffledSequences"/>. Tells whether a score rests
    /// on that order.
    /// </summary>
    /// <param name="weights">The model.</param>
    /// <param name="task">The task.</param>
    /// <param name="samples">The samples that are shuffled.</param>
    /// <param name="shuffles">How often each is shuffled, at least 1; the mean is over all of them.</param>
    /// <param name="random">Where chance comes from.</param>
    /// <remarks>
    /// A score of positions (<c>previous_token</c>, <c>first_position</c>) that stays is a habit of position. A score of tokens that a head has only
    /// because the task puts a repetition at a fixed distance falls to about <see cref="OfUniform"/>. That of a head which does match tokens need not:
    /// what occurred twice still does, so an induction head keeps what it can do on sequences unlike those of its training. What no relation to the
    /// tokens at all would give is <see cref="OfUniform"/>, not this. Few bigrams occur twice in a shuffled sequence: <c>ngram_match</c> is then a mean
    /// over few queries, or NaN where there is none.
    /// </remarks>
    public static IReadOnlyList<HeadScores> OfShuffled(Weights weights, ITask task, IReadOnlyList<TaskSample> samples, int shuffles, Random random) =>
        Of(weights, task, ShuffledSequences.Of(samples, shuffles, random));

    /// <summary>
    /// Scores of uniform attention on the samples: <see cref="HeadScore.Uniform"/> of every score, by name. The level of a head that attends to
    /// nothing in particular, the same for all heads: a score near it says nothing about the head, in short sequences however high it is.
    /// </summary>
    public static IReadOnlyDictionary<string, double> OfUniform(IReadOnlyList<TaskSample> samples)
    {
        int[][] sequences = [.. samples.Select(sample => sample.Tokens)];
        return HeadScore.All.ToDictionary(score => score.Name, score => score.Uniform(sequences));
    }
}
