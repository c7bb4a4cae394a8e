namespace SubspaceCircuits.KnownCircuits.Twin;

/// <summary>
/// Codes of more tokens than dimensions, of length 1, as far apart as can be in two ways at once: the logits compare them whole, the induction heads through
/// a projection to one dimension less than d_head. Owns its tensors when it is in no dispose scope.
/// </summary>
/// <remarks>
/// Only the greatest cosine counts, not the greatest size: every read-out takes the best. 26 codes in 16 dimensions could have no positive cosine at all (half
/// of a cross-polytope's ± pairs), and in 7 dimensions none above about 0.2; the same codes cannot have both, and these come to 0.05 and 0.3.
/// </remarks>
/// <param name="Codes">C, rows of length 1. [token, dim]</param>
/// <param name="Projection">G, orthonormal columns. [dim, channel]</param>
internal sealed record TokenCodes(Tensor Codes, Tensor Projection)
{
    private const int Steps = 2000;
    private const double Rate = 2, Momentum = .9; // the rate is divided by the sharpness, to which curvature is proportional
    private const double FirstSharpness = 10, LastSharpness = 300;

    /// <summary>
    /// Gradient steps from random codes on <c>log Σ_(a≠b) [exp(τ c_a·c_b) + exp(τ(1 − γ(g_a·g_a − g_a·g_b)))]</c> with <c>g = cG</c> and γ the ratio of the two
    /// dimensions, while τ rises, so that at the end the worst pair alone counts.
    /// </summary>
    /// <param name="tokens">Number of codes.</param>
    /// <param name="dims">Their dimension.</param>
    /// <param name="channels">Dimension of the projection.</param>
    /// <param name="seed">Same seed, same codes.</param>
    public static TokenCodes Find(int tokens, int dims, int channels, int seed)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        var projection = linalg.qr(randn([dims, channels], dtype: float64, generator: generator)).Q;
        var projector = projection.matmul(projection.T);             // [dim, dim]
        var codes = randn([tokens, dims], dtype: float64, generator: generator);
        codes.div_(Lengths(codes));
        var velocity = zeros_like(codes);
        for (var step = 0; step < Steps; step++)
        {
            using var stepScope = NewDisposeScope();
            var sharpness = FirstSharpness * Math.Pow(LastSharpness / FirstSharpness, (double)step / Steps);
            var gradient = Gradient(codes, projector, (double)dims / channels, sharpness);
            velocity.mul_(Momentum).add_(gradient - ((gradient * codes).sum(dim: 1, keepdim: true) * codes));
            codes.sub_(velocity * (Rate / sharpness));
            codes.div_(Lengths(codes));
        }

        return new TokenCodes(codes.MoveToOuterDisposeScope(), projection.MoveToOuterDisposeScope());
    }

    /// <summary>Greatest cosine of two codes.</summary>
    public double Coherence()
    {
        using var scope = NewDisposeScope();
        return WithoutDiagonal(Codes.matmul(Codes.T)).max().item<double>();
    }

    /// <summary>
    /// Products of projected codes, as shares of the mean square: the least of a code with itself and the greatest with another. A head that compares
    /// the two can tell tokens apart when the first is above the second.
    /// </summary>
    public (double Mean, double Own, double Other) Matches()
    {
        using var scope = NewDisposeScope();
        var projected = Codes.matmul(Projection);                     // [token, channel]
        var products = projected.matmul(projected.T);                 // [token, token]
        var own = products.diagonal();
        var mean = own.mean().item<double>();
        return (mean, own.min().item<double>() / mean, WithoutDiagonal(products).max().item<double>() / mean);
    }

    /// <summary>Gradient with respect to the codes; the weights of the pairs are a softmax, and each product <c>c_a M c_b</c> gives <c>M c_b</c> to a and <c>M c_a</c> to b.</summary>
    private static Tensor Gradient(Tensor codes, Tensor projector, double gamma, double sharpness)
    {
        var projected = codes.matmul(projector);                      // [token, dim]
        var products = projected.matmul(codes.T);                     // [token, token]
        var lost = (products - products.diagonal().unsqueeze(1)) * gamma + 1;
        var weights = stack([WithoutDiagonal(codes.matmul(codes.T) * sharpness), WithoutDiagonal(lost * sharpness)], dim: 0).flatten().softmax(0).view(2, codes.shape[0], codes.shape[0]);
        var (whole, matched) = (weights[0], weights[1]);
        return (whole + whole.T).matmul(codes) + (gamma * ((matched + matched.T).matmul(projected) - (2 * matched.sum(dim: 1, keepdim: true) * projected)));
    }

    private static Tensor WithoutDiagonal(Tensor pairs) => pairs.masked_fill(eye(pairs.shape[0], dtype: ScalarType.Bool), double.NegativeInfinity);

    private static Tensor Lengths(Tensor rows) => rows.square().sum(dim: 1, keepdim: true).sqrt();
}
