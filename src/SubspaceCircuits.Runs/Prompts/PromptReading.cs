using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using static TorchSharp.torch;

namespace SubspaceCircuits.Runs;

/// <summary>A prompt as a model reads it.</summary>
/// <param name="Name">Name of the prompt.</param>
/// <param name="Tokens">Its tokens by name.</param>
/// <param name="Supervised">Where the prediction is scored.</param>
/// <param name="Predicted">What the model predicts after each position; in tasks scored by sets all tokens with a positive logit: <c>{a b &lt;eos&gt;}</c>.</param>
/// <param name="Right">Whether each scored prediction is right by the task's rule; null where nothing is scored.</param>
/// <param name="Patterns">Patterns of all heads, by layer and head.</param>
public sealed record PromptReading(string Name, IReadOnlyList<string> Tokens, IReadOnlyList<bool> Supervised, IReadOnlyList<string> Predicted, IReadOnlyList<bool?> Right, IReadOnlyList<HeadPattern> Patterns)
{
    /// <summary>Runs the model on one prompt.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="prompt">The prompt, no longer than the model's context.</param>
    /// <param name="task">Its task; null where none is known: tokens are then shown as ids.</param>
    public static PromptReading Of(Weights weights, Prompt prompt, ITask? task)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var sample = prompt.Sample;
        using var batch = new TaskBatch([sample], task?.Vocabulary.Pad ?? 0, weights.WE.device);
        using var hooks = new Hooks(Enumerable.Range(0, weights.Config.NLayers).Select(HookPoint.Pattern));
        var logits = Transformer.Forward(weights, batch.Tokens, hooks: hooks);  // [batch, pos, vocab]
        bool[] supervised = [.. Enumerable.Range(0, sample.Tokens.Length).Select(sample.IsScored)];
        var patterns = from layer in Enumerable.Range(0, weights.Config.NLayers)
                       from head in Enumerable.Range(0, weights.Config.NHeads)
                       select new HeadPattern(layer, head, Matrix(hooks[HookPoint.Pattern(layer)][0][head]));
        return new PromptReading(prompt.Name, [.. sample.Tokens.Select(token => PromptParser.Show(task, token))], supervised,
            task?.Scoring is NextSetScoring ? Sets(task, logits[0]) : [.. logits[0].argmax(-1).cpu().data<long>().ToArray().Select(token => PromptParser.Show(task, token))],
            Verdicts(task, batch, logits, supervised), [.. patterns]);
    }

    /// <summary>The prompt as it stands in <c>attention.json</c>; attention rounded to four decimals.</summary>
    public ExampleDocument Example() => new(Tokens, Supervised, Predicted, [.. Patterns.Select(pattern => new PatternDocument(pattern.Layer, pattern.Head, Rows(pattern.Values)))])
    {
        Name = Name,
        Right = Right,
    };

    private static bool?[] Verdicts(ITask? task, TaskBatch batch, Tensor logits, bool[] supervised)
    {
        if (task is null || !supervised.Contains(true))
            return new bool?[supervised.Length];
        var isRight = task.Scoring.IsRight(batch, logits).cpu().data<bool>().ToArray();
        return [.. supervised.Zip(isRight, (isScored, right) => isScored ? right : (bool?)null)];
    }

    /// <summary>The tokens with a positive logit at every position.</summary>
    /// <param name="task">The task, for the names.</param>
    /// <param name="logits">[pos, vocab]</param>
    private static string[] Sets(ITask task, Tensor logits)
    {
        var (positions, vocabulary) = ((int)logits.shape[0], (int)logits.shape[1]);
        var isPositive = logits.gt(0).cpu().data<bool>().ToArray();
        return [.. Enumerable.Range(0, positions).Select(position =>
            $"{{{string.Join(' ', Enumerable.Range(0, vocabulary).Where(token => isPositive[position * vocabulary + token]).Select(token => PromptParser.Show(task, token)))}}}")];
    }

    /// <summary>[query, key]</summary>
    private static float[,] Matrix(Tensor pattern)
    {
        var size = (int)pattern.shape[0];
        var matrix = new float[size, size];
        Buffer.BlockCopy(pattern.cpu().contiguous().data<float>().ToArray(), 0, matrix, 0, sizeof(float) * size * size);
        return matrix;
    }

    private static IReadOnlyList<IReadOnlyList<double>> Rows(float[,] values) =>
        [.. Enumerable.Range(0, values.GetLength(0)).Select(query => (IReadOnlyList<double>)[.. Enumerable.Range(0, values.GetLength(1)).Select(key => Math.Round(values[query, key], 4))])];
}
