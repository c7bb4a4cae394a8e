using SubspaceCircuits.Models;

namespace SubspaceCircuits.Interventions.Norms;

/// <summary>A reader of the residual stream that sees it through a LayerNorm: an attention, an MLP or the unembedding.</summary>
/// <param name="Name"><c>blocks.0.ln1</c>, <c>blocks.0.ln2</c> or <c>ln_final</c>.</param>
/// <param name="Scale">Hook point of its σ.</param>
public sealed record NormReader(string Name, HookPoint Scale)
{
    /// <summary>The readers of a model in the order of the computation; none in a model without norms.</summary>
    public static IReadOnlyList<NormReader> All(ModelConfig config)
    {
        if (config.Normalization is Normalization.None)
            return [];
        List<NormReader> readers = [];
        for (var layer = 0; layer < config.NLayers; layer++)
        {
            readers.Add(new($"blocks.{layer}.ln1", HookPoint.Ln1Scale(layer)));
            if (!config.IsAttentionOnly)
                readers.Add(new($"blocks.{layer}.ln2", HookPoint.Ln2Scale(layer)));
        }

        return [.. readers, new("ln_final", HookPoint.LnFinalScale)];
    }
}
