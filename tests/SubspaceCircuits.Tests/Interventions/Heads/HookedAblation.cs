using SubspaceCircuits.Interventions.Heads;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Tests.Interventions.Heads;

/// <summary>
/// Ablates heads one sample at a time and the long way round: what the attention of a layer writes is replaced by the sum of its heads'
/// results, those of ablated heads replaced, the rest taken from the run itself.
/// </summary>
internal static class HookedAblation
{
    public static HeadSetMeasure Measure(Weights weights, ITask task, HeadAblation ablation, PairedSamples samples, IReadOnlyList<TaskSample> reference, HeadSet ablated)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var config = weights.Config;
        Tensor[][] results = [.. reference.Select(sample => Results(weights, sample))];                        // by sample and layer
        // By length, position and layer. [head, d_model]
        var means = samples.Samples.Select(sample => sample.Tokens.Length).Distinct().ToDictionary(length => length, length => Enumerable.Range(0, length).Select(position =>
            Means(config, results, (n, p) => (ablation is HeadAblation.MeanOverall || p == position) && (ablation is not HeadAblation.Mean || n == length))).ToArray());
        double match = 0, right = 0, divergence = 0, positions = 0;
        foreach (var (sample, donor) in samples.Samples.Zip(samples.Donors))
        {
            using var batch = new TaskBatch([sample], task.Vocabulary.Pad);
            var whole = Transformer.Forward(weights, batch.Tokens);
            var others = Results(weights, donor);
            using var hooks = new Hooks();
            for (var layer = 0; layer < config.NLayers; layer++)
            {
                var (l, width) = (layer, sample.Tokens.Length);
                hooks.Replace(HookPoint.Result(layer), result => stack([.. Enumerable.Range(0, config.NHeads).Select(head =>
                    !ablated.Has(l * config.NHeads + head) ? result.select(2, head)
                    : ablation is HeadAblation.Resample ? others[l].select(2, head)
                    : stack([.. Enumerable.Range(0, width).Select(p => means[width][p][l][head])]).unsqueeze(0))], dim: 2));
            }

            var logits = Transformer.Forward(weights, batch.Tokens, hooks: hooks);
            var scored = Enumerable.Range(0, sample.Tokens.Length).Where(sample.IsScored).ToArray();
            match += scored.All(p => Best(logits, p) == Best(whole, p)) ? 1 : 0;
            right += scored.All(p => Best(logits, p) == sample.Targets[p]) ? 1 : 0;
            positions += scored.Length;
            foreach (var p in scored)
            {
                Tensor full = whole[0, p].to(float64).log_softmax(-1), found = logits[0, p].to(float64).log_softmax(-1);
                divergence += (full.exp() * (full - found)).sum().item<double>();
            }
        }

        return new HeadSetMeasure(match / samples.Samples.Count, right / samples.Samples.Count, divergence / positions);
    }

    private static long Best(Tensor logits, int position) => logits[0, position].argmax().item<long>();

    /// <summary>For each layer what its heads write. [1, pos, head, d_model]</summary>
    private static Tensor[] Results(Weights weights, TaskSample sample)
    {
        int[] layers = [.. Enumerable.Range(0, weights.Config.NLayers)];
        using var hooks = new Hooks(layers.Select(HookPoint.Result));
        Transformer.Forward(weights, tensor(sample.Tokens.Select(token => (long)token).ToArray()).unsqueeze(0), hooks: hooks);
        return [.. layers.Select(layer => hooks[HookPoint.Result(layer)].alias())];
    }

    /// <summary>For each layer the mean over some positions of samples of some lengths. [head, d_model]</summary>
    private static Tensor[] Means(ModelConfig config, Tensor[][] results, Func<int, int, bool> isMeant) => [.. Enumerable.Range(0, config.NLayers).Select(layer =>
        stack([.. results.Select(result => result[layer][0]).SelectMany(of => Enumerable.Range(0, (int)of.shape[0]).Where(p => isMeant((int)of.shape[0], p)).Select(p => of[p]))]).mean([0]))];
}
