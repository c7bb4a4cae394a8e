namespace SubspaceCircuits.KnownCircuits.Disguises;

/// <summary>Heads that write nothing: they attend to BOS with no values at all, or their W_O is zero. Exact.</summary>
public sealed record AddDormantHeads : IDisguise
{
    /// <summary>How many in each layer.</summary>
    public int PerLayer { get; init; } = 1;

    /// <inheritdoc/>
    public ModelParts Apply(ModelParts parts, Random random)
    {
        var (space, width) = (new StreamSpace(parts, random), parts.DHead);
        return IdleHeads.Added(parts, PerLayer, () => Head(space, random, width));
    }

    /// <summary>One such head, of either kind.</summary>
    internal static HeadPart Head(StreamSpace space, Random random, int width)
    {
        var isAtBos = random.Next(2) == 0;
        var head = IdleHeads.Random(space, random, width, isAtBos);
        return isAtBos ? head with { WV = zeros_like(head.WV) } : head with { WO = zeros_like(head.WO) };
    }
}

/// <summary>
/// Heads that could move values but attend to BOS alone, where there are none. Exact to 1e-15. Hard for whoever reads values and scores apart: the values are
/// there, and only how far BOS is above all other keys says that they never move. No level has them.
/// </summary>
public sealed record AddSinkHeads : IDisguise
{
    /// <summary>How many in each layer.</summary>
    public int PerLayer { get; init; } = 1;

    /// <inheritdoc/>
    public ModelParts Apply(ModelParts parts, Random random)
    {
        var (space, width) = (new StreamSpace(parts, random), parts.DHead);
        return IdleHeads.Added(parts, PerLayer, () => IdleHeads.Random(space, random, width, isAtBos: true));
    }
}

/// <summary>What heads without a role have in common.</summary>
internal static class IdleHeads
{
    private const double LogitScale = 1, BosScore = 60; // all other scores stay far below

    public static ModelParts Added(ModelParts parts, int perLayer, Func<HeadPart> head) =>
        parts with { Layers = [.. parts.Layers.Select(layer => layer with { Heads = [.. layer.Heads, .. Enumerable.Range(0, perLayer).Select(_ => head())] })] };

    /// <summary>A head with random weights that reads everything and writes to variables, and attends to BOS alone if asked.</summary>
    public static HeadPart Random(StreamSpace space, Random random, int width, bool isAtBos)
    {
        var scale = LogitScale / Math.Sqrt(width);
        var (wQ, wK, wV) = (space.ReadEverything(random, width) * scale, space.ReadEverything(random, width), space.ReadValues(random, width));
        var (bQ, wO) = (zeros(width, dtype: float64), (random.Gaussian(width, space.Codes.shape[0]) / Math.Sqrt(width)).matmul(space.Codes));
        if (isAtBos)
        {
            wQ.select(1, 0).zero_();
            bQ.select(0, 0).fill_(1);
            wK.select(1, 0).copy_(space.Bos * BosScore);
        }

        return new HeadPart(wQ, bQ, wK, zeros(width, dtype: float64), wV, wO, new HeadRole([], [], IsInCircuit: false));
    }
}

/// <summary>
/// Heads that move a value of the program into new dimensions that nothing reads, with scores of a head of the circuit where the layer has one. Exact.
/// </summary>
public sealed record AddInvisibleWrites : IDisguise
{
    /// <summary>How many heads, in layers drawn at random.</summary>
    public int Count { get; init; } = 1;

    /// <summary>New dimensions for each.</summary>
    public int Dimensions { get; init; } = 2;

    /// <inheritdoc/>
    public ModelParts Apply(ModelParts parts, Random random)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Dimensions);
        for (var head = 0; head < Count; head++)
            parts = AddOne(parts, random);
        return parts;
    }

    private ModelParts AddOne(ModelParts parts, Random random)
    {
        var (d, at) = (parts.DModel, random.Next(parts.Layers.Count));
        parts = Recoding.Widen(d, Dimensions).Apply(parts);
        var (space, layer) = (new StreamSpace(parts, random), parts.Layers[at]);
        HeadPart[] models = [.. layer.Heads.Where(head => head.Role.IsInCircuit)];
        KnownVariable[] ready = [.. parts.Variables.Where(variable => !variable.IsAuxiliary && variable.WrittenAt < 2 * at)];
        var scores = models.Length > 0 ? models[random.Next(models.Length)] : AddDistractorHeads.Head(space, random, parts.DHead);
        var value = ready[random.Next(ready.Length)];
        var head = scores with
        {
            WV = value.Reads.matmul(random.Gaussian(value.Reads.shape[1], Dimensions)),
            WO = eye(parts.DModel, dtype: float64).narrow(0, d, Dimensions).clone(),
            Role = new HeadRole(scores.Role.Pairs, [], IsInCircuit: false),
        };
        return parts with { Layers = [.. parts.Layers.Select((one, index) => index == at ? one with { Heads = [.. one.Heads, head] } : one)] };
    }
}

/// <summary>
/// Fills all layers to one number of heads, with distractors (<see cref="AddDistractorHeads"/>) and dormant heads (<see cref="AddDormantHeads"/>) by lot. Exact.
/// </summary>
public sealed record PadHeads : IDisguise
{
    /// <summary>The number is the least multiple of this that holds the heads of every layer.</summary>
    public int Multiple { get; init; } = 4;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">No direction is free.</exception>
    public ModelParts Apply(ModelParts parts, Random random)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Multiple);
        var (space, width) = (new StreamSpace(parts, random), parts.DHead);
        space.RequireFree();
        var most = Math.Max(1, parts.Layers.Max(layer => layer.Heads.Count));
        var count = (most + Multiple - 1) / Multiple * Multiple;
        HeadPart Padding() => random.Next(2) == 0 ? AddDistractorHeads.Head(space, random, width) : AddDormantHeads.Head(space, random, width);
        return parts with { Layers = [.. parts.Layers.Select(layer => layer with { Heads = [.. layer.Heads, .. Enumerable.Range(0, count - layer.Heads.Count).Select(_ => Padding())] })] };
    }
}
