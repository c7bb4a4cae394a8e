namespace SubspaceCircuits.KnownCircuits.Disguises;

/// <summary>Dimensions where the embeddings of tokens and positions write at random and no part of the circuit reads. Exact.</summary>
public sealed record AddDistractorDimensions : IDisguise
{
    /// <summary>How many.</summary>
    public int Count { get; init; } = 4;

    /// <inheritdoc/>
    public ModelParts Apply(ModelParts parts, Random random)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Count);
        return Recoding.Widen(parts.DModel, Count).Apply(parts) with { WE = With(parts.WE), WPos = With(parts.WPos) };

        Tensor With(Tensor embedding) => cat([embedding, random.Gaussian(embedding.shape[0], Count) * Math.Sqrt(.5)], dim: 1);
    }
}

/// <summary>
/// Heads that read everything at random, what other distractors wrote too, and write free directions (<see cref="AddDistractorDimensions"/>): active, but
/// of no use. Exact.
/// </summary>
public sealed record AddDistractorHeads : IDisguise
{
    private const double LogitScale = 2, OutputScale = .5;

    /// <summary>How many in each layer.</summary>
    public int PerLayer { get; init; } = 1;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">No direction is free.</exception>
    public ModelParts Apply(ModelParts parts, Random random)
    {
        var (space, width) = (new StreamSpace(parts, random), parts.DHead);
        space.RequireFree();
        return IdleHeads.Added(parts, PerLayer, () => Head(space, random, width));
    }

    /// <summary>One such head: logits of about ± 2, values of about 1.</summary>
    internal static HeadPart Head(StreamSpace space, Random random, int width)
    {
        var scale = LogitScale / Math.Sqrt(width);
        var free = space.RequireFree();
        return new HeadPart(space.ReadEverything(random, width) * scale, random.Gaussian(width) * scale, space.ReadEverything(random, width), random.Gaussian(width),
            space.ReadEverything(random, width), (random.Gaussian(width, free.shape[0]) * (OutputScale / Math.Sqrt(width))).matmul(free), new HeadRole([], [], IsInCircuit: false));
    }
}

/// <summary>
/// Neurons that read everything at random and write free directions (<see cref="AddDistractorDimensions"/>); so many that all layers have the same number. Exact.
/// </summary>
public sealed record AddDistractorNeurons : IDisguise
{
    private const double OutputScale = .5;

    /// <summary>How many the layer gets that has the most neurons; others get more.</summary>
    public int AtLeast { get; init; } = 4;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">No direction is free.</exception>
    public ModelParts Apply(ModelParts parts, Random random)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(AtLeast);
        var space = new StreamSpace(parts, random);
        var free = space.RequireFree();
        var count = parts.Layers.Max(layer => layer.Order.Count) + AtLeast;
        return parts with { Layers = [.. parts.Layers.Select(Fill)] };

        LayerParts Fill(LayerParts layer)
        {
            var (first, more) = (layer.Order.Count, count - layer.Order.Count);
            var part = new NeuronPart(space.ReadEverything(random, more), random.Gaussian(more), (random.Gaussian(more, free.shape[0]) * (OutputScale / Math.Sqrt(more))).matmul(free),
                new NeuronRole([], null, IsInCircuit: false));
            return new LayerParts(layer.Heads, [.. layer.Neurons, part], [.. layer.Order, .. Enumerable.Range(first, more)]);
        }
    }
}
