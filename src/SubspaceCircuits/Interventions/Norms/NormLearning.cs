using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions.Norms;

/// <summary>
/// Constants in the place of 1/σ(x) learned by gradient descent: Adam on their logarithms, down the divergence from the whole model at supervised positions
/// (as the learned LayerNorm constants of decompiling-transformers).
/// </summary>
public static class NormLearning
{
    /// <summary>Learns from the start that costs least on the samples; that start itself is returned where it is no worse on all of them.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="task">Gives padding and scoring.</param>
    /// <param name="samples">What is learned on, one batch a step in turn.</param>
    /// <param name="starts">Constants to begin with, of the same readers.</param>
    /// <param name="steps">Steps, at least 1; the learning rate falls linearly over them.</param>
    /// <param name="learningRate">Of the first step, above 0.</param>
    /// <param name="cancellation">Checked before every step.</param>
    public static NormConstants Fit(Weights weights, ITask task, IReadOnlyList<TaskSample> samples, IReadOnlyList<NormConstants> starts, int steps, double learningRate,
        CancellationToken cancellation = default)
    {
        // A step too far may end in constants without a finite price, and NaN would be the least of all numbers.
        NormConstants Best(IReadOnlyList<NormConstants> choices) => choices.Zip(NormPrice.Of(weights, task, samples, choices, cancellation).Prices)
            .MinBy(pair => double.IsNaN(pair.Second.Kl) ? double.PositiveInfinity : pair.Second.Kl).First;
        var start = Best(starts);
        NormReader[] readers = [.. start.InverseScales.Keys];
        if (readers.Length == 0)
            return start;
        using var scope = NewDisposeScope();
        var batches = Batches(weights, task, samples);
        using var logarithms = new TorchSharp.Modules.Parameter(stack([.. readers.Select(reader => tensor([.. start.InverseScales[reader]]).log())], dim: 0)); // [reader, class]
        using var optimizer = optim.Adam([logarithms], learningRate);
        for (var step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var update = NewDisposeScope();
            var (tokens, isScored, whole) = batches[step % batches.Count];
            using var hooks = NormConstants.Hooks(readers.Select((reader, row) => (reader, logarithms[row].exp())), start.Classes);
            var divergence = task.Scoring.Divergence(whole, Transformer.Forward(weights, tokens, hooks: hooks));
            optimizer.zero_grad();
            ((divergence * isScored).sum() / isScored.sum().clamp_min(1)).backward();
            foreach (var group in optimizer.ParamGroups)
                group.LearningRate = learningRate * (steps - step) / steps;
            optimizer.step();
        }

        var learned = start with { InverseScales = readers.Index().ToDictionary(pair => pair.Item, pair => (IReadOnlyList<double>)[.. logarithms[pair.Index].detach().exp().data<double>()]) };
        return Best([start, learned]);
    }

    /// <summary>Tokens and where they are supervised, [batch, pos], with the logits of the whole model, [batch, pos, vocab].</summary>
    private static List<(Tensor Tokens, Tensor IsScored, Tensor Whole)> Batches(Weights weights, ITask task, IReadOnlyList<TaskSample> samples)
    {
        using var noGrad = no_grad();
        List<(Tensor, Tensor, Tensor)> batches = [];
        foreach (var part in Evaluation.Batches(samples, weights.Config.NCtx))
        {
            using var batch = new TaskBatch(part, task.Vocabulary.Pad, weights.WE.device);
            batches.Add((batch.Tokens.clone(), batch.Targets.ne(TaskSample.Unsupervised), Transformer.Forward(weights, batch.Tokens)));
        }

        return batches;
    }
}
