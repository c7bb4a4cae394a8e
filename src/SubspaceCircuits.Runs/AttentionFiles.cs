using SubspaceCircuits.Attention;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using static TorchSharp.torch;

namespace SubspaceCircuits.Runs;

/// <summary>Scores of heads and one example with its patterns: <c>attention.json</c>.</summary>
public static class AttentionFiles
{
    private const int ScoreSamples = 200, Shuffles = 3, LongestExample = 24;

    /// <summary>Measures the heads on samples of a task and takes the patterns of one short sample.</summary>
    public static AttentionDocument Document(Weights weights, ITask task, LengthRange lengths, int seed)
    {
        var random = new Random(seed);
        var samples = TaskBatch.Draw(task, lengths.From, lengths.To, ScoreSamples, random);
        var length = Math.Clamp(8, task.Lengths.Min, Math.Min(task.Lengths.Max, LongestExample));
        var example = task.Sample(length, random);
        var uniform = HeadScores.OfUniform(samples);
        var heads = HeadScores.Of(weights, task, samples).Zip(HeadScores.OfShuffled(weights, task, samples, Shuffles, random),
            (head, shuffled) => new HeadDocument(head.Name, head.Layer, head.Values, shuffled.Values, uniform));
        return new AttentionDocument("subspace-circuits/attention/2", [.. heads], Example(weights, task, example));
    }

    private static ExampleDocument Example(Weights weights, ITask task, TaskSample sample)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var batch = new TaskBatch([sample], task.Vocabulary.Pad, weights.WE.device);
        using var hooks = new Hooks(Enumerable.Range(0, weights.Config.NLayers).Select(HookPoint.Pattern));
        var predicted = Transformer.Forward(weights, batch.Tokens, hooks: hooks).argmax(-1).cpu().data<long>().ToArray();
        var patterns = from layer in Enumerable.Range(0, weights.Config.NLayers)
                       from head in Enumerable.Range(0, weights.Config.NHeads)
                       select new PatternDocument(layer, head, Rows(hooks[HookPoint.Pattern(layer)][0][head]));
        return new ExampleDocument(
            [.. sample.Tokens.Select(token => task.Vocabulary.Tokens[token])],
            [.. sample.Targets.Select(target => target != TaskSample.Unsupervised)],
            [.. predicted.Select(token => token < task.Vocabulary.Tokens.Count ? task.Vocabulary.Tokens[(int)token] : $"#{token}")],
            [.. patterns]);
    }

    private static IReadOnlyList<IReadOnlyList<double>> Rows(Tensor pattern)
    {
        var size = (int)pattern.shape[0];
        var values = pattern.cpu().contiguous().data<float>().ToArray();
        return [.. Enumerable.Range(0, size).Select(query => (IReadOnlyList<double>)[.. values.AsSpan(query * size, size).ToArray().Select(value => Math.Round(value, 4))])];
    }
}
