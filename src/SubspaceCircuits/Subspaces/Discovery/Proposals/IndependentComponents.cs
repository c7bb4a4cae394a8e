namespace SubspaceCircuits.Subspaces.Discovery.Proposals;

/// <summary>
/// Independent component analysis of whitened activations (FastICA with tanh, all components at once; Hyvärinen 1999, equations 20 and 45).
/// </summary>
/// <remarks>
/// Where groups of several dimensions are independent and their directions are not, each component still comes to lie within one group (Cardoso 1998):
/// which directions of the group they are is arbitrary, and they go on turning in it. So the iteration ends after a fixed number of steps at the latest.
/// </remarks>
internal static class IndependentComponents
{
    private const double Converged = 1 - 1e-5;

    /// <summary>Finds the components.</summary>
    /// <param name="rows">Mean 0 and covariance 1. [row, d], float32</param>
    /// <param name="iterations">Iterations at most.</param>
    /// <param name="generator">Where chance comes from.</param>
    /// <param name="cancellation">Checked between iterations.</param>
    /// <returns>Columns are the components; orthogonal. [d, d], float32</returns>
    public static Tensor Of(Tensor rows, int iterations, Generator generator, CancellationToken cancellation)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var components = Rotation.Random((int)rows.shape[1], generator);
        for (var iteration = 0; iteration < iterations; iteration++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var bent = rows.matmul(components).tanh_();                                  // [row, component]
            var slopes = 1 - bent.square().mean([0]);
            var next = Polar(rows.T.matmul(bent) / rows.shape[0] - components * slopes);
            var isSame = (next * components).sum(dim: 0).abs().min().item<float>() > Converged;
            components = next.MoveToOuterDisposeScope();
            if (isSame)
                break;
        }

        return components.MoveToOuterDisposeScope();
    }

    /// <summary>The orthogonal matrix nearest to another.</summary>
    private static Tensor Polar(Tensor matrix)
    {
        var (u, _, vh) = linalg.svd(matrix.to(float64), fullMatrices: false);
        return u.matmul(vh).to(float32);
    }
}
