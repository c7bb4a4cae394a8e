namespace SubspaceCircuits.Subspaces.Discovery;

/// <summary>Which components are dependent, by their joint third and fourth cumulants.</summary>
/// <param name="Pairs">Of each pair: the squares of κ_aab, κ_abb, κ_aabb, κ_aaab and κ_abbb over their variances, added up: χ² with 5 degrees of freedom when a and b are independent; 0 on the diagonal. [component, component]</param>
/// <param name="Singles">Of each component: the same of κ_aaa and κ_aaaa: χ² with 2 degrees of freedom when it is Gaussian.</param>
internal sealed record CumulantAffinity(double[,] Pairs, double[] Singles)
{
    /// <summary>A pair above this is dependent, for certain: χ²(5) exceeds it once in a million.</summary>
    public const double SurePair = 36.5;

    /// <summary>A component above this is not Gaussian, for certain.</summary>
    public const double SureSingle = 27.6;

    /// <summary>Measures all pairs.</summary>
    /// <param name="components">Mean 0, variance 1, uncorrelated. [row, component], float32</param>
    public static CumulantAffinity Of(Tensor components)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var rows = (double)components.shape[0];
        var y = components;
        Tensor squares = y.square() - 1, cubes = y.pow(3) - 3 * y;
        Tensor Score(Tensor a, Tensor b)
        {
            var moment = a.T.matmul(b).to(float64);
            var variance = a.square().T.matmul(b.square()).to(float64);
            return moment.square() / variance.clamp_min(1e-30);
        }

        Tensor Both(Tensor score) => score + score.T;
        var pairs = Score(squares, squares) + Both(Score(cubes, y)) + Both(Score(squares, y));
        pairs.diagonal().fill_(0);
        // Of a Gaussian, E[(y³ − 3y)²] = 6 and E[(y⁴ − 6y² + 3)²] = 24.
        var skewness = cubes.mean([0]).square() * (rows / 6);
        var kurtosis = (y.pow(4) - 6 * squares - 3).mean([0]).square() * (rows / 24);
        return new CumulantAffinity(Square(pairs), [.. (skewness + kurtosis).to(float64).data<double>()]);
    }

    private static double[,] Square(Tensor matrix)
    {
        var count = (int)matrix.shape[0];
        var values = matrix.contiguous().data<double>().ToArray();
        var result = new double[count, count];
        Buffer.BlockCopy(values, 0, result, 0, values.Length * sizeof(double));
        return result;
    }
}
