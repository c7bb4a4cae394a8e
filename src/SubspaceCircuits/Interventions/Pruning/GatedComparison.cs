using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions.Pruning;

/// <summary>Compares a gated model with the whole one.</summary>
public static class GatedComparison
{
    /// <summary>Runs both on the same samples; the measures are those of <see cref="CircuitValidation.Compare"/>.</summary>
    /// <param name="name">Which circuit.</param>
    /// <param name="model">The gated model.</param>
    /// <param name="kept">For every edge whether it is kept.</param>
    /// <param name="weights">The whole model.</param>
    /// <param name="task">Gives the scoring.</param>
    /// <param name="samples">At least one.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    public static Faithfulness Compare(string name, IGatedModel model, IReadOnlyList<bool> kept, Weights weights, ITask task, IReadOnlyList<TaskSample> samples, CancellationToken cancellation = default)
    {
        PruningBatch[] batches = [.. Evaluation.Batches(samples, weights.Config.NCtx).Select(part => new PruningBatch(weights, task, part, model.Ablation))];
        try
        {
            return Compare(name, model, kept, weights, batches, cancellation);
        }
        finally
        {
            foreach (var batch in batches)
                batch.Dispose();
        }
    }

    internal static Faithfulness Compare(string name, IGatedModel model, IReadOnlyList<bool> kept, Weights weights, IReadOnlyList<PruningBatch> batches, CancellationToken cancellation)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var gates = Gates(kept, weights);
        long match = 0, matching = 0, right = 0;
        double divergence = 0;
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var logits = model.Forward(batch.Input, gates);
            var (sequences, positions) = batch.Matches(logits);
            (match, matching, right) = (match + sequences, matching + positions, right + batch.Right(logits));
            divergence += batch.Divergence(logits).to(float64).item<double>();
        }

        double count = batches.Sum(batch => batch.Count), scored = batches.Sum(batch => batch.Scored);
        return new Faithfulness(name, kept.Count(one => one), match / count, matching / scored, right / count, divergence / scored);
    }

    /// <summary>A choice of edges as gates. [edge], of the type of the weights</summary>
    internal static Tensor Gates(IReadOnlyList<bool> kept, Weights weights) => tensor(kept.Select(one => one ? 1.0 : 0).ToArray(), dtype: weights.WE.dtype, device: weights.WE.device);
}
