namespace SubspaceCircuits.Subspaces;

/// <summary>How far two subspaces are the same.</summary>
public static class SubspaceOverlap
{
    /// <summary><c>tr(P_a P_b) / max(dim a, dim b)</c>: the mean squared cosine of the principal angles of the larger one; 1 when they are the same, and never with unequal sizes.</summary>
    /// <param name="a">Orthonormal columns. [d, n]</param>
    /// <param name="b">Orthonormal columns. [d, m]</param>
    public static double Of(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return a.to(float64).T.matmul(b.to(float64)).square().sum().item<double>() / Math.Max(a.shape[1], b.shape[1]);
    }

    /// <summary>
    /// The same, weighted by variance: what share of the activations' variance in each lies in the other, the lesser of the two. Directions in which nearly
    /// nothing varies, whose place no data settles, count nearly nothing.
    /// </summary>
    /// <param name="a">Orthonormal columns. [d, n]</param>
    /// <param name="b">Orthonormal columns. [d, m]</param>
    /// <param name="covariance">Covariance of the activations. [d, d]</param>
    public static double OfVariance(Tensor a, Tensor b, Tensor covariance)
    {
        using var scope = NewDisposeScope();
        var c = covariance.to(float64);
        double Captured(Tensor own, Tensor other)
        {
            var inside = own.T.matmul(c).matmul(own);           // [n, n]
            var crossed = own.T.matmul(other);                  // [n, m]
            var all = inside.trace().item<double>();
            return all > 0 ? crossed.T.matmul(inside).matmul(crossed).trace().item<double>() / all : 0;
        }

        Tensor x = a.to(float64), y = b.to(float64);
        return Math.Min(Captured(x, y), Captured(y, x));
    }
}
