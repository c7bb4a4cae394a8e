namespace SubspaceCircuits.KnownCircuits.Disguises;

/// <summary>Rotates the residual stream at random (Haar). Exact.</summary>
public sealed record Rotate : IDisguise
{
    /// <inheritdoc/>
    public ModelParts Apply(ModelParts parts, Random random)
    {
        var rotation = random.Orthogonal(parts.DModel);
        return new Recoding(rotation, rotation.T).Apply(parts);
    }
}

/// <summary>
/// Gives the residual stream a basis that is not orthogonal: subspaces of variables are oblique to each other, and what reads one does not lie in it. Exact,
/// but no orthogonal partition fits.
/// </summary>
public sealed record MakeOblique : IDisguise
{
    /// <summary>Greatest condition of the basis, 1 or more.</summary>
    public double MaxCondition { get; init; } = 5;

    /// <inheritdoc/>
    public ModelParts Apply(ModelParts parts, Random random)
    {
        var (basis, inverse) = random.Invertible(parts.DModel, MaxCondition);
        return new Recoding(basis, inverse).Apply(parts);
    }
}

/// <summary>
/// Squeezes the residual stream into fewer dimensions: a unit vector for each direction, as far apart as the rows of a random tight frame are, read along
/// itself. Approximate: subspaces overlap.
/// </summary>
public sealed record Compress : IDisguise
{
    /// <summary>Share of the dimensions that is left, above 0, up to 1.</summary>
    public double Share { get; init; } = .8;

    /// <inheritdoc/>
    public ModelParts Apply(ModelParts parts, Random random)
    {
        if (Share is not (> 0 and <= 1))
            throw new ArgumentException($"The share of the dimensions that is left should be above 0 and at most 1, but is {Share}.");
        var frame = random.Orthogonal(parts.DModel).narrow(1, 0, (long)Math.Ceiling(Share * parts.DModel)); // [d_model, dimensions left]
        var e = frame / frame.norm(dim: 1, keepdim: true, p: 2);
        return new Recoding(e, e.T).Apply(parts);
    }
}
