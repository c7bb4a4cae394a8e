using SubspaceCircuits.Models;

namespace SubspaceCircuits.Training;

/// <summary>Random weights to start training from.</summary>
public static class Initialization
{
    /// <summary>
    /// TransformerLens's "gpt2" scheme: every matrix normal with standard deviation <c>scale/√d_model</c>, biases zero, norms the identity.
    /// </summary>
    /// <param name="config">Sizes.</param>
    /// <param name="scale">0.8 in TransformerLens.</param>
    /// <param name="positionScale">Further factor on the position embedding; 1 in TransformerLens. Less makes copying by position the harder way.</param>
    /// <param name="generator">Where chance comes from.</param>
    /// <returns>Weights, owned by the caller.</returns>
    public static Weights Gpt2(ModelConfig config, Generator generator, double scale = 0.8, double positionScale = 1)
    {
        config.Validate();
        using var scope = NewDisposeScope();
        var deviation = scale / Math.Sqrt(config.DModel);
        Tensor Start(string name, long[] shape)
        {
            var isNormScale = name.EndsWith(".w", StringComparison.Ordinal);
            var isMatrix = name.Contains(".W_", StringComparison.Ordinal);
            return isNormScale ? ones(shape) : isMatrix ? randn(shape, generator: generator) * (name == "pos_embed.W_pos" ? positionScale * deviation : deviation) : zeros(shape);
        }

        var tensors = WeightNames.Shapes(config).ToDictionary(entry => entry.Name, entry => Start(entry.Name, entry.Shape));
        return WeightNames.Assemble(config, name => tensors[name]);
    }
}
