namespace SubspaceCircuits.Subspaces.Discovery.Proposals;

/// <summary>Which components are dependent, by their joint third and fourth cumulants.</summary>
internal static class CumulantAffinity
{
    /// <summary>A pair above this is dependent, for certain: χ²(5) exceeds it once in a million.</summary>
    public const double SurePair = 36.5;

    /// <summary>
    /// Of each pair: the squares of κ_aab, κ_abb, κ_aabb, κ_aaab and κ_abbb over their variances, added up: χ² with 5 degrees of freedom when a and b are
    /// independent; 0 on the diagonal.
    /// </summary>
    /// <param name="components">Mean 0, variance 1, uncorrelated. [row, component], float32</param>
    /// <returns>[component, component]</returns>
    public static double[,] Of(Tensor components)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
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
        return Square(pairs);
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
