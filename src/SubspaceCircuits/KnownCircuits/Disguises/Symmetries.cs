namespace SubspaceCircuits.KnownCircuits.Disguises;

/// <summary>
/// Other coordinates inside every head: <c>W_Q A</c> against <c>W_K A⁻ᵀ</c>, <c>W_V C</c> against <c>C⁻¹ W_O</c>, all heads of one width. Exact.
/// </summary>
public sealed record GaugeHeads : IDisguise
{
    /// <summary>Greatest condition of A and C, 1 or more.</summary>
    public double MaxCondition { get; init; } = 10;

    /// <inheritdoc/>
    public ModelParts Apply(ModelParts parts, Random random)
    {
        var (d, width) = (parts.DModel, parts.DHead);
        return parts with { Layers = [.. parts.Layers.Select(layer => layer with { Heads = [.. layer.Heads.Select(Gauge)] })] };

        HeadPart Gauge(HeadPart head)
        {
            var (a, aInverse) = random.Invertible(width, MaxCondition);
            var (c, cInverse) = random.Invertible(width, MaxCondition);
            return head with
            {
                WQ = Wide(head.WQ).matmul(a),
                BQ = ModelParts.Padded(head.BQ, width).matmul(a),
                WK = Wide(head.WK).matmul(aInverse.T),
                BK = ModelParts.Padded(head.BK, width).matmul(aInverse.T),
                WV = Wide(head.WV).matmul(c),
                WO = cInverse.matmul(ModelParts.Padded(head.WO, width, d)),
            };
        }

        Tensor Wide(Tensor matrix) => ModelParts.Padded(matrix, d, width);
    }
}

/// <summary>Another order of the heads of every layer. Exact.</summary>
public sealed record PermuteHeads : IDisguise
{
    /// <inheritdoc/>
    public ModelParts Apply(ModelParts parts, Random random) => parts with
    {
        Layers = [.. parts.Layers.Select(layer =>
        {
            var heads = layer.Heads.ToArray();
            random.Shuffle(heads);
            return layer with { Heads = heads };
        })],
    };
}

/// <summary>Another order of the neurons of every layer, groups mixed. Exact.</summary>
public sealed record PermuteNeurons : IDisguise
{
    /// <inheritdoc/>
    public ModelParts Apply(ModelParts parts, Random random) => parts with
    {
        Layers = [.. parts.Layers.Select(layer =>
        {
            var order = layer.Order.ToArray();
            random.Shuffle(order);
            return layer with { NeuronOrder = order };
        })],
    };
}

/// <summary>Neurons that read s times as much and write 1/s of it, s > 0: ReLU does not see it. Exact.</summary>
public sealed record ScaleNeurons : IDisguise
{
    /// <summary>s is log-uniform between 1/Limit and this, 1 or more.</summary>
    public double Limit { get; init; } = 4;

    /// <inheritdoc/>
    public ModelParts Apply(ModelParts parts, Random random)
    {
        if (!(Limit >= 1))
            throw new ArgumentException($"The greatest scale of a neuron should be 1 or more, but is {Limit}.");
        return parts with { Layers = [.. parts.Layers.Select(layer => layer with { Neurons = [.. layer.Neurons.Select(Scale)] })] };

        NeuronPart Scale(NeuronPart part)
        {
            double[] values = [.. Enumerable.Range(0, (int)part.BIn.shape[0]).Select(_ => random.LogUniform(Limit))];
            var s = tensor(values, dtype: float64); // [neuron]
            return part with { WIn = part.WIn * s, BIn = part.BIn * s, WOut = part.WOut / s.unsqueeze(1) };
        }
    }
}
