using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions.Heads;

/// <summary>Mean outputs of every head of the whole model over reference samples. Owns its tensors and disposes them.</summary>
/// <remarks>
/// The mixed values z are averaged: what a head writes is linear in them. A position that no reference sample has gets the mean over all positions.
/// </remarks>
internal sealed class HeadMeans : IDisposable
{
    private readonly OwnedTensors _owned = new();

    public HeadMeans(Weights weights, ITask task, IReadOnlyList<TaskSample> reference, bool isOverall)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var config = weights.Config;
        var device = weights.WE.device;
        Tensor[] sums = [.. Enumerable.Range(0, config.NLayers).Select(_ => zeros(config.NCtx, config.NHeads, config.DHead, dtype: float64, device: device))];
        var counts = zeros(config.NCtx, 1, 1, dtype: float64, device: device);                                      // [pos, 1, 1]
        foreach (var part in Evaluation.Batches(reference, config.NCtx))
        {
            using var inner = NewDisposeScope();
            using var batch = new TaskBatch(part, task.Vocabulary.Pad, device);
            using var hooks = new Hooks(Enumerable.Range(0, config.NLayers).Select(HookPoint.Z));
            Transformer.Forward(weights, batch.Tokens, hooks: hooks, stopAtLayer: config.NLayers);
            var isToken = IsToken(part, batch.Tokens);                                                              // [batch, pos]
            counts.narrow(0, 0, isToken.shape[1]).add_(isToken.sum(dim: 0).reshape(-1, 1, 1));
            for (var layer = 0; layer < config.NLayers; layer++)
                sums[layer].narrow(0, 0, isToken.shape[1]).add_(einsum("bphe,bp->phe", hooks[HookPoint.Z(layer)].to(float64), isToken));
        }

        Z = [.. sums.Select(sum =>
        {
            var overall = sum.sum(dim: 0, keepdim: true) / counts.sum();
            var mean = isOverall ? overall.expand_as(sum) : where(counts.gt(0), sum / counts.clamp_min(1), overall);
            return _owned.Add(mean.to(weights.WE.dtype, copy: true));
        })];
    }

    /// <summary>For every layer the means. [pos, head, d_head]</summary>
    public IReadOnlyList<Tensor> Z { get; }

    /// <inheritdoc/>
    public void Dispose() => _owned.Dispose();

    /// <summary>1 where a token stands, 0 where padding does. [batch, pos]</summary>
    internal static Tensor IsToken(IReadOnlyList<TaskSample> samples, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var lengths = tensor(samples.Select(sample => (long)sample.Tokens.Length).ToArray(), device: tokens.device);
        return arange(tokens.shape[1], device: tokens.device).unsqueeze(0).lt(lengths.unsqueeze(1)).to(float64).MoveToOuterDisposeScope();
    }
}
