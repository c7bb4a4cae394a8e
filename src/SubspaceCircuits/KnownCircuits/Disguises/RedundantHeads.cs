namespace SubspaceCircuits.KnownCircuits.Disguises;

/// <summary>Heads of the circuit in two: both look at the same, one writes λ of it, the other 1 − λ, λ uniform in [¼, ¾]. Exact. Where attention reads what they write, one may do the work of both.</summary>
public sealed record ShareHeads : IDisguise
{
    /// <summary>How many heads, at most; heads that were divided before stay as they are.</summary>
    public int Count { get; init; } = 1;

    /// <inheritdoc/>
    public ModelParts Apply(ModelParts parts, Random random) => RedundantHeads.Divide(parts, Count, random, head => RedundantHeads.Share(head, random));
}

/// <summary>
/// Heads of the circuit in two: both look at the same, one moves a random subspace of the values, the other the rest; values of one dimension are shared
/// (<see cref="ShareHeads"/>). Exact.
/// </summary>
public sealed record SplitHeads : IDisguise
{
    /// <summary>How many heads, at most; heads that were divided before stay as they are.</summary>
    public int Count { get; init; } = 1;

    /// <inheritdoc/>
    public ModelParts Apply(ModelParts parts, Random random) => RedundantHeads.Divide(parts, Count, random, head =>
    {
        var (span, rank) = RandomTensors.Span(head.WO);
        if (rank < 2)
            return RedundantHeads.Share(head, random);
        var basis = random.BasisOf(span, rank); // [d_value, rank]
        var (wV, wO) = (head.WV.matmul(basis), basis.T.matmul(head.WO));
        var first = 1 + random.NextInt64(rank - 1);
        // A random subspace mixes what the head moves: a part moves each variable to every place, and only both together do not.
        var moves = head.Role.Moves.SelectMany(_ => head.Role.Moves, (one, other) => new Move(one.From, other.To)).Distinct().ToArray();
        HeadPart Part(long start, long size) => head with { WV = wV.narrow(1, start, size).contiguous(), WO = wO.narrow(0, start, size).contiguous(), Role = head.Role with { Moves = moves } };
        return (Part(0, first), Part(first, rank - first));
    });
}

/// <summary>
/// Heads of the circuit in two that share their work (<see cref="ShareHeads"/>), where one also writes Z into the subspace of another variable and the other
/// −Z. Both say that they move their values there, as each does; together they do not. Exact.
/// </summary>
public sealed record CancelHeads : IDisguise
{
    private const double Scale = .5;

    /// <summary>How many heads, at most; heads that were divided before stay as they are.</summary>
    public int Count { get; init; } = 1;

    /// <inheritdoc/>
    public ModelParts Apply(ModelParts parts, Random random) => RedundantHeads.Divide(parts, Count, random, head =>
    {
        KnownVariable[] others = [.. parts.Variables.Where(variable => !variable.IsAuxiliary && head.Role.Moves.All(move => move.To != variable.Id))];
        var other = others[random.Next(others.Length)];
        var z = (random.Gaussian(head.WV.shape[1], other.Writes.shape[0]) * Scale).matmul(other.Writes); // [d_value, d_model]
        var role = head.Role with { Moves = [.. head.Role.Moves, .. head.Role.Moves.Select(move => move.From).Distinct().Select(from => new Move(from, other.Id))] };
        var (first, second) = RedundantHeads.Share(head with { Role = role }, random);
        return (first with { WO = first.WO + z }, second with { WO = second.WO - z });
    });
}

/// <summary>What ways to divide a head have in common.</summary>
internal static class RedundantHeads
{
    /// <summary>Divides heads drawn at random; the parts share a group named after layer and target, such as <c>a1.prev_tok</c>.</summary>
    public static ModelParts Divide(ModelParts parts, int count, Random random, Func<HeadPart, (HeadPart First, HeadPart Second)> divide)
    {
        HeadPart[] whole = [.. parts.Layers.SelectMany(layer => layer.Heads).Where(head => head.Role is { IsInCircuit: true, RedundancyGroup: null, Moves.Count: > 0 })];
        random.Shuffle(whole);
        HashSet<HeadPart> chosen = new(whole.Take(count), ReferenceEqualityComparer.Instance);
        return parts with { Layers = [.. parts.Layers.Select((layer, at) => layer with { Heads = [.. layer.Heads.SelectMany(head => Parts(head, at))] })] };

        HeadPart[] Parts(HeadPart head, int layer)
        {
            if (!chosen.Contains(head))
                return [head];
            var group = $"a{layer}.{string.Join('+', head.Role.Moves.Select(move => move.To))}";
            var (first, second) = divide(head);
            return [first with { Role = first.Role with { RedundancyGroup = group } }, second with { Role = second.Role with { RedundancyGroup = group } }];
        }
    }

    /// <summary>λ of what the head writes, and 1 − λ.</summary>
    public static (HeadPart First, HeadPart Second) Share(HeadPart head, Random random)
    {
        var lambda = .25 + (random.NextDouble() / 2);
        return (head with { WO = head.WO * lambda }, head with { WO = head.WO * (1 - lambda) });
    }
}
