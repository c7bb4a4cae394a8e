using SubspaceCircuits.Models;

namespace SubspaceCircuits.Tasks;

/// <summary>Accuracy on problems of some lengths.</summary>
/// <param name="From">Shortest length asked for.</param>
/// <param name="To">Longest length asked for.</param>
/// <param name="Samples">How many sequences were drawn.</param>
/// <param name="Accuracy">Share of sequences with every supervised position right.</param>
public sealed record RangeAccuracy(int From, int To, int Samples, double Accuracy);

/// <summary>How well a model does its task.</summary>
public static class Evaluation
{
    // Larger batches are no faster: their activations leave the cache, and the system gives and takes the memory of each anew.
    private const int BatchTokens = 4_096;

    /// <summary>Share of random sequences, of lengths spread evenly over a range, with <b>all</b> supervised positions right by the task's rule, positions from 0.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="task">The task.</param>
    /// <param name="from">Shortest length; raised to the task's least.</param>
    /// <param name="to">Longest length; lowered to the task's greatest.</param>
    /// <param name="samples">How many sequences.</param>
    /// <param name="seed">Same seed, same sequences.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <exception cref="ArgumentException">The model's vocabulary is too small for the task, or its context for the lengths.</exception>
    public static RangeAccuracy WholeSequence(Weights weights, ITask task, int from, int to, int samples, int seed, CancellationToken cancellation = default)
    {
        RequireFits(weights.Config, task);
        var drawn = TaskBatch.DrawEvenly(task, from, to, samples, new Random(HashCode(seed, from, to)));
        var right = 0;
        foreach (var batch in Batches(drawn, weights.Config.NCtx))
        {
            cancellation.ThrowIfCancellationRequested();
            right += CountRight(task, batch, weights.WE.device, tokens => Transformer.Forward(weights, tokens));
        }

        return new RangeAccuracy(from, to, samples, (double)right / samples);
    }

    /// <summary>Cuts samples, sorted by length so that little is padded, into batches of bounded size.</summary>
    /// <exception cref="ArgumentException">A sample is longer than <paramref name="nCtx"/>.</exception>
    public static IEnumerable<IReadOnlyList<TaskSample>> Batches(IReadOnlyList<TaskSample> samples, int nCtx)
    {
        var longest = samples.Max(sample => sample.Tokens.Length);
        if (longest > nCtx)
            throw new ArgumentException($"The model has {nCtx} positions, but these problems need {longest}. Ask for shorter ones.");
        return samples.OrderBy(sample => sample.Tokens.Length).Chunk(Math.Max(1, BatchTokens / longest));
    }

    /// <summary>Checks that a model can be run on a task.</summary>
    /// <exception cref="ArgumentException">It has fewer tokens or logits than the task.</exception>
    public static void RequireFits(ModelConfig config, ITask task)
    {
        if (config.DVocab < task.Vocabulary.Tokens.Count)
            throw new ArgumentException($"{task.Name} has {task.Vocabulary.Tokens.Count} tokens, but the model knows {config.DVocab}. Is this a model of another task?");
        if (config.DVocabOut < task.Logits)
            throw new ArgumentException($"{task.Name} needs {task.Logits} logits, but the model has {config.DVocabOut}. Is this a model of another task?");
    }

    /// <summary>How many samples a function from tokens [batch, pos] to logits [batch, pos, vocab] gets right at every supervised position.</summary>
    public static int CountRight(ITask task, IReadOnlyList<TaskSample> samples, Device device, Func<Tensor, Tensor> logits)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var batch = new TaskBatch(samples, task.Vocabulary.Pad, device);
        return (int)task.Scoring.IsRight(batch, logits(batch.Tokens)).all(dim: 1).sum().item<long>();
    }

    /// <summary>A seed that differs between ranges and is the same in every process.</summary>
    private static int HashCode(int seed, int from, int to) => unchecked((seed * 397 ^ from) * 397 ^ to);
}
