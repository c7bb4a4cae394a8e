using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions.Norms;

/// <summary>What constants in the place of σ(x) cost: the price of reading a model as if its norms were affine.</summary>
/// <param name="Kl">Mean KL(model ‖ model with constants) over supervised positions, nats.</param>
/// <param name="MatchAccuracy">Share of sequences in which every supervised position is predicted as by the model.</param>
/// <param name="TaskAccuracy">Share of sequences in which every supervised position is right.</param>
public sealed record NormPrice(double Kl, double MatchAccuracy, double TaskAccuracy)
{
    /// <summary>Prices of several choices of constants, and the model's own accuracy.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="task">Gives padding and scoring.</param>
    /// <param name="samples">What it is run on.</param>
    /// <param name="constants">The choices.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    public static (double ModelTaskAccuracy, IReadOnlyList<NormPrice> Prices) Of(Weights weights, ITask task, IReadOnlyList<TaskSample> samples, IReadOnlyList<NormConstants> constants,
        CancellationToken cancellation = default)
    {
        using var noGrad = no_grad();
        double right = 0, positions = 0;
        double[] divergence = new double[constants.Count], match = new double[constants.Count], rightWith = new double[constants.Count];
        foreach (var part in Evaluation.Batches(samples, weights.Config.NCtx))
        {
            using var scope = NewDisposeScope();
            using var batch = new TaskBatch(part, task.Vocabulary.Pad, weights.WE.device);
            var isScored = batch.Targets.ne(TaskSample.Unsupervised);                                            // [batch, pos]
            var whole = Transformer.Forward(weights, batch.Tokens);                                              // [batch, pos, vocab]
            double Right(Tensor logits) => task.Scoring.IsRight(batch, logits).all(dim: 1).sum().item<long>();

            right += Right(whole);
            positions += isScored.sum().item<long>();
            for (var i = 0; i < constants.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var run = NewDisposeScope();
                using var hooks = constants[i].Hooks();
                var logits = Transformer.Forward(weights, batch.Tokens, hooks: hooks);
                divergence[i] += (task.Scoring.Divergence(whole, logits) * isScored).to(float64).sum().item<double>();
                match[i] += task.Scoring.IsSame(logits, whole).logical_or(isScored.logical_not()).all(dim: 1).sum().item<long>();
                rightWith[i] += Right(logits);
            }
        }

        return (right / samples.Count, [.. Enumerable.Range(0, constants.Count).Select(i => new NormPrice(divergence[i] / positions, match[i] / samples.Count, rightWith[i] / samples.Count))]);
    }
}
