using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions;

/// <summary>What every component of the whole model writes, in the order of the computation: embed, pos, then for each layer its heads and its MLP.</summary>
internal static class ComponentSources
{
    /// <summary>One run of the whole model, without gradients.</summary>
    /// <returns>[batch, source, pos, d_model]</returns>
    public static Tensor Run(Weights weights, Tensor tokens)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var hooks = new Hooks(Points(weights.Config));
        Transformer.Forward(weights, tokens, hooks: hooks, stopAtLayer: weights.Config.NLayers);
        return Stacked(weights.Config, hooks).MoveToOuterDisposeScope();
    }

    /// <summary>Means over all tokens of some samples, padding not counted, and the mean variance over dimensions of the stream at every site that is read.</summary>
    /// <returns>[source, d_model] and [site] in the order of the computation (before each attention, before each MLP, at the end); float64</returns>
    public static (Tensor Means, Tensor Variances) Moments(Weights weights, IReadOnlyList<TaskSample> samples, int pad)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        HookPoint[] streams = [.. Streams(weights.Config)];
        Tensor sums = zeros(1, dtype: float64, device: weights.WE.device), variances = zeros(streams.Length, dtype: float64, device: weights.WE.device);
        long count = 0;
        foreach (var part in Evaluation.Batches(samples, weights.Config.NCtx))
        {
            using var inner = NewDisposeScope();
            using var batch = new TaskBatch(part, pad, weights.WE.device);
            using var hooks = new Hooks([.. Points(weights.Config), .. streams]);
            Transformer.Forward(weights, batch.Tokens, hooks: hooks, stopAtLayer: weights.Config.NLayers);
            var isReal = batch.IsToken();
            sums = (sums + einsum("bspd,bp->sd", Stacked(weights.Config, hooks).to(float64), isReal)).MoveToOuterDisposeScope();
            variances = (variances + stack(streams.Select(stream => (hooks[stream].to(float64).var(-1, false) * isReal).sum()), dim: 0)).MoveToOuterDisposeScope();
            count += part.Sum(sample => (long)sample.Tokens.Length);
        }

        return ((sums / count).MoveToOuterDisposeScope(), (variances / count).MoveToOuterDisposeScope());
    }

    private static IEnumerable<HookPoint> Points(ModelConfig config) =>
        [HookPoint.Embed, HookPoint.PosEmbed, .. Enumerable.Range(0, config.NLayers).SelectMany(layer => (HookPoint[])[HookPoint.Result(layer), .. config.IsAttentionOnly ? [] : (HookPoint[])[HookPoint.MlpOut(layer)]])];

    private static IEnumerable<HookPoint> Streams(ModelConfig config) =>
        [.. Enumerable.Range(0, config.NLayers).SelectMany(layer => (HookPoint[])[HookPoint.ResidPre(layer), .. config.IsAttentionOnly ? [] : (HookPoint[])[HookPoint.ResidMid(layer)]]), HookPoint.ResidPost(config.NLayers - 1)];

    private static Tensor Stacked(ModelConfig config, Hooks hooks) => cat(
        [.. Points(config).Select(point => hooks[point].dim() == 4 ? hooks[point].transpose(1, 2) : hooks[point].unsqueeze(1))], dim: 1); // [batch, source, pos, d_model]
}
