namespace SubspaceCircuits.Scores.Measures;

/// <summary>The angles between two subspaces.</summary>
public static class PrincipalAngles
{
    /// <summary>
    /// The principal angles: sines from <c>A − B Bᵀ A</c> and cosines from <c>Bᵀ A</c>, so that small and large angles are both exact to rounding
    /// (Björck and Golub 1973, section 3).
    /// </summary>
    /// <param name="a">Orthonormal columns. [d_model, n]</param>
    /// <param name="b">Orthonormal columns. [d_model, m]</param>
    /// <returns>Radians from 0 to π/2, the greatest first. [min(n, m)]</returns>
    public static double[] Of(Tensor a, Tensor b)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (small, large) = a.shape[1] <= b.shape[1] ? (a.to(float64), b.to(float64)) : (b.to(float64), a.to(float64));
        var inside = large.T.matmul(small);                                 // [m, n]
        var cosines = linalg.svdvals(inside).flip(0);                       // [n], ascending
        var sines = linalg.svdvals(small - large.matmul(inside));           // [n], descending
        return sines.atan2(cosines).cpu().data<double>().ToArray();
    }

    /// <summary>
    /// Distance along the Grassmannian, <c>(Σ θ²)^½</c> in radians. Between subspaces of different size it is the distance to the nearest of equal size
    /// inside the larger (Ye and Lim 2016, theorem 7): 0 when one lies in the other.
    /// </summary>
    /// <param name="angles">Principal angles, radians.</param>
    public static double GrassmannDistance(IEnumerable<double> angles) => Math.Sqrt(angles.Sum(angle => angle * angle));
}
