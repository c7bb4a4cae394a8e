namespace SubspaceCircuits.Interventions;

/// <summary>
/// What the edges into a reader carry, as deviations from the origin in the basis of the partition that is read: an edge with gate g carries
/// <c>now + (g − 1)(source − ablated)</c>, where the source is what it carries now unless it is held fixed. [batch, pos, d_model] each
/// </summary>
/// <param name="Now">In this run.</param>
/// <param name="Fixed">In the whole model, where differences are held fixed; else null.</param>
/// <param name="Ablated">In the place of a removed edge; null where that is the origin itself. May lack batch and position.</param>
internal readonly record struct Carried(Tensor Now, Tensor? Fixed = null, Tensor? Ablated = null)
{
    private bool IsPlain => Fixed is null && Ablated is null;

    private Tensor Source => Fixed ?? Now;

    private Tensor Difference => Ablated is null ? Source : Source - Ablated;

    /// <summary>The same for every head or target: a dimension is inserted before the position.</summary>
    public Carried ForEach() => new(Now.unsqueeze(-3), Fixed?.unsqueeze(-3), Ablated is { } ablated && ablated.dim() > 2 ? ablated.unsqueeze(-3) : Ablated);

    /// <summary>The same over each token's σ.</summary>
    public Carried Over(Tensor? sigma) => sigma is null ? this : new(Now / sigma, Fixed?.div(sigma), Ablated?.div(sigma));

    /// <summary>What arrives behind the gates of single coordinates.</summary>
    /// <param name="gates">[..., d_model]</param>
    public Tensor Gated(Tensor gates) => IsPlain ? Now * gates : Now + Difference * (gates - 1);

    /// <summary>What arrives through a map whose entries have gates.</summary>
    /// <param name="map">[..., d_model, out]</param>
    /// <param name="gates">Broadcasts with the map.</param>
    public Tensor Through(Tensor map, Tensor gates) => IsPlain ? Now.matmul(map * gates) : Now.matmul(map) + Difference.matmul(map * (gates - 1));

    /// <summary>Scores of all pairs of positions by a bilinear form whose entries have gates; a removed entry compares what is ablated with what is ablated.</summary>
    /// <param name="form">[head, d_model, d_model]</param>
    /// <param name="gates">[..., head, d_model, d_model]</param>
    /// <returns>[..., head, query, key]</returns>
    public Tensor Compared(Tensor form, Tensor gates)
    {
        static Tensor Scores(Tensor x, Tensor form) => x.matmul(form).matmul(x.transpose(-2, -1));
        if (IsPlain)
            return Scores(Now, form * gates);
        var removed = form * (gates - 1);
        var scores = Scores(Now, form) + Scores(Source, removed);
        return Ablated is null ? scores : scores - Scores(Ablated, removed);
    }
}
