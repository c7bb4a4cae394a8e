namespace SubspaceCircuits.KnownCircuits.Disguises;

/// <summary>Normal noise on all weights, biases not: of each matrix a share of its own root mean square. Approximate.</summary>
public sealed record AddNoise : IDisguise
{
    /// <summary>Standard deviation of the noise over the root mean square of the weights, 0 or more.</summary>
    public double Share { get; init; } = .01;

    /// <inheritdoc/>
    public ModelParts Apply(ModelParts parts, Random random)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Share);
        return parts with
        {
            WE = Noisy(parts.WE),
            WPos = Noisy(parts.WPos),
            WU = Noisy(parts.WU),
            Layers = [.. parts.Layers.Select(layer => layer with
            {
                Heads = [.. layer.Heads.Select(head => head with { WQ = Noisy(head.WQ), WK = Noisy(head.WK), WV = Noisy(head.WV), WO = Noisy(head.WO) })],
                Neurons = [.. layer.Neurons.Select(part => part with { WIn = Noisy(part.WIn), WOut = Noisy(part.WOut) })],
            })],
        };

        Tensor Noisy(Tensor weights) => weights + (random.Gaussian(weights.shape) * (Share * weights.square().mean().sqrt()));
    }
}
