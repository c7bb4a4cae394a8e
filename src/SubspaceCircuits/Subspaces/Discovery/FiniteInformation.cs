namespace SubspaceCircuits.Subspaces.Discovery;

/// <summary>
/// Mutual information at a finite resolution, as a share of what is visible at that resolution: <c>q = (I(A, B) − I₀) / min(H(A), H(B))</c>.
/// </summary>
/// <remarks>
/// Every direction is scaled to variance 1 and blurred by Gaussian noise, distances are Euclidean over √d, and I is the estimate of Kraskov,
/// Stögbauer and Grassberger (2004, algorithm 1). I₀ is the same with the rows of B shuffled; H(A) is the information between A and itself blurred twice.
/// Without the blur the estimate is free of scale: where activations are nearly discrete a rotation that is a degree off makes independent subspaces
/// look dependent, since tiny differences of one tell the other. Estimation noise lets q fall a little below 0 or rise above 1.
/// </remarks>
public sealed record FiniteInformation : IDependenceMeasure
{
    /// <summary>Standard deviation of the blur, as a share of each direction's. Default 0.3.</summary>
    public double Blur { get; init; } = 0.3;

    /// <summary>Rows of one estimate, at least 2 more than <see cref="Neighbors"/>. Default 1,500; fewer are used when there are fewer.</summary>
    public int Rows { get; init; } = 1500;

    /// <summary>Estimates, each on other rows, of which the mean is taken, at least 1. Default 2.</summary>
    public int Estimates { get; init; } = 2;

    /// <summary>k of the estimate, at least 1. Default 3.</summary>
    public int Neighbors { get; init; } = 3;

    /// <summary>Shuffles for I₀, at least 1. Default 2.</summary>
    public int Shuffles { get; init; } = 2;

    private const double LeastVisible = 1e-3;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The two have not as many rows, or too few.</exception>
    public Dependence Of(Tensor a, Tensor b, Generator generator)
    {
        if (a.dim() != 2 || b.dim() != 2 || a.shape[0] != b.shape[0] || a.shape[0] < Neighbors + 2)
            throw new ArgumentException($"Dependence needs coordinates [row, d] of the same rows, at least {Neighbors + 2}, but got [{string.Join(", ", a.shape)}] and [{string.Join(", ", b.shape)}].");
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (information, first, second) = (0.0, 0.0, 0.0);
        for (var estimate = 0; estimate < Estimates; estimate++)
        {
            using var step = NewDisposeScope();
            var chosen = randperm(a.shape[0], generator: generator).narrow(0, 0, Math.Min(Rows, a.shape[0]));
            Tensor x = Scaled(a.index_select(0, chosen)), y = Scaled(b.index_select(0, chosen));
            Tensor dx = Blurred(x, generator), dy = Blurred(y, generator);
            var chance = Enumerable.Range(0, Shuffles).Average(_ =>
            {
                using var shuffle = NewDisposeScope();
                var order = randperm(chosen.shape[0], generator: generator);
                return Estimate(dx, dy.index_select(0, order).index_select(1, order));
            });
            information += (Estimate(dx, dy) - chance) / Estimates;
            first += (Estimate(dx, Blurred(x, generator)) - chance) / Estimates;
            second += (Estimate(dy, Blurred(y, generator)) - chance) / Estimates;
        }

        return new Dependence(information / Math.Max(Math.Min(first, second), LeastVisible), information, first, second);
    }

    /// <summary><c>I = ψ(k) + ψ(n) − ⟨ψ(n_a + 1) + ψ(n_b + 1)⟩</c>; the diagonals are infinite.</summary>
    private double Estimate(Tensor first, Tensor second)
    {
        using var scope = NewDisposeScope();
        var nearest = maximum(first, second).topk(Neighbors, dim: 1, largest: false, sorted: true).values.narrow(1, Neighbors - 1, 1); // [row, 1]
        Tensor Counts(Tensor distances) => special.digamma(distances.lt(nearest).sum(dim: 1).to(float64) + 1);
        var counts = (Counts(first) + Counts(second)).mean().item<double>();
        var constants = special.digamma(tensor([Neighbors, first.shape[0]], dtype: float64)).sum().item<double>();
        return constants - counts;
    }

    /// <summary>Variance 1 in every direction, where there is any. [row, d]</summary>
    private static Tensor Scaled(Tensor rows)
    {
        var values = rows.to(float32);
        var deviations = values.std(0, unbiased: false);
        return (values - values.mean([0])) / where(deviations > 0, deviations, ones_like(deviations));
    }

    /// <summary>Squared distances over d between rows that are blurred anew. [row, row]</summary>
    private Tensor Blurred(Tensor rows, Generator generator)
    {
        using var scope = NewDisposeScope();
        var blurred = rows + Blur * randn(rows.shape, generator: generator);
        var squares = (blurred * blurred).sum(dim: 1);
        var distances = (squares.unsqueeze(1) + squares.unsqueeze(0) - 2 * blurred.matmul(blurred.T)) / rows.shape[1];
        distances.diagonal().fill_(float.PositiveInfinity);
        return distances.MoveToOuterDisposeScope();
    }
}
