using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions.Heads;

/// <summary>Mean outputs of every head of the whole model over reference samples. Owns its tensors and disposes them.</summary>
/// <remarks>
/// The mixed values z are averaged: what a head writes is linear in them. Where no reference sample has the length, the mean at the position
/// stands; where none has the position, the mean over all positions.
/// </remarks>
internal sealed class HeadMeans : IDisposable
{
    private readonly OwnedTensors _owned = new();
    private readonly Dictionary<int, Tensor[]> _byLength = [];
    private readonly Tensor[] _byPosition;

    public HeadMeans(Weights weights, ITask task, HeadAblation ablation, IReadOnlyList<TaskSample> reference, CancellationToken cancellation)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var config = weights.Config;
        Tensor Zeros(long positions, params long[] rest) => zeros([positions, .. rest], dtype: float64, device: weights.WE.device);
        Tensor Mean(Tensor mean) => _owned.Add(mean.to(weights.WE.dtype, copy: true));
        Tensor[] sums = [.. Enumerable.Range(0, config.NLayers).Select(_ => Zeros(config.NCtx, config.NHeads, config.DHead))];
        var counts = Zeros(config.NCtx, 1, 1);                                                              // [pos, 1, 1]
        foreach (var alike in reference.GroupBy(sample => sample.Tokens.Length))
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            Tensor[] found = Sums(weights, task, [.. alike]);
            counts.narrow(0, 0, alike.Key).add_(alike.Count());
            for (var layer = 0; layer < config.NLayers; layer++)
                sums[layer].narrow(0, 0, alike.Key).add_(found[layer]);
            if (ablation is HeadAblation.Mean)
                _byLength[alike.Key] = [.. found.Select(sum => Mean(sum / alike.Count()))];
        }

        _byPosition = [.. sums.Select(sum =>
        {
            var overall = sum.sum(dim: 0, keepdim: true) / counts.sum();
            return Mean(ablation is HeadAblation.MeanOverall ? overall.expand_as(sum) : where(counts.gt(0), sum / counts.clamp_min(1), overall));
        })];
    }

    /// <summary>What the heads of a layer write on average in the place of each sample.</summary>
    /// <returns>[batch, pos, head, d_head], or [1, pos, head, d_head] where samples do not differ</returns>
    public Tensor Of(int layer, IReadOnlyList<TaskSample> samples, long width)
    {
        using var scope = NewDisposeScope();
        var atPosition = _byPosition[layer].narrow(0, 0, width);
        if (_byLength.Count == 0)
            return atPosition.unsqueeze(0).clone().MoveToOuterDisposeScope();
        var means = atPosition.unsqueeze(0).repeat(samples.Count, 1, 1, 1);
        for (var row = 0; row < samples.Count; row++)
        {
            if (_byLength.TryGetValue(samples[row].Tokens.Length, out var mean))
                means[row].narrow(0, 0, mean[layer].shape[0]).copy_(mean[layer]);
        }

        return means.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.Dispose();

    /// <summary>For each layer the sum over samples of one length. [pos, head, d_head]</summary>
    private static Tensor[] Sums(Weights weights, ITask task, IReadOnlyList<TaskSample> samples)
    {
        var config = weights.Config;
        Tensor[] sums = [.. Enumerable.Range(0, config.NLayers).Select(_ => zeros(samples[0].Tokens.Length, config.NHeads, config.DHead, dtype: float64, device: weights.WE.device))];
        foreach (var part in Evaluation.Batches(samples, config.NCtx))
        {
            using var batch = new TaskBatch(part, task.Vocabulary.Pad, weights.WE.device);
            using var hooks = new Hooks(Enumerable.Range(0, config.NLayers).Select(HookPoint.Z));
            Transformer.Forward(weights, batch.Tokens, hooks: hooks, stopAtLayer: config.NLayers);
            for (var layer = 0; layer < config.NLayers; layer++)
                sums[layer].add_(hooks[HookPoint.Z(layer)].to(float64).sum(dim: 0));
        }

        return sums;
    }
}
