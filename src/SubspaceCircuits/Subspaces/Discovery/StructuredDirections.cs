using SubspaceCircuits.Subspaces.Discovery.Proposals;

namespace SubspaceCircuits.Subspaces.Discovery;

/// <summary>
/// Tells directions in which the activations have structure from those in which they are Gaussian and independent of all others: there the slices of the
/// third and fourth cumulants vanish, <c>Σ_k M_k² u = 0</c>.
/// </summary>
/// <remarks>
/// Noise in one fold of the rows is independent of that in another, so products across folds are free of it on average. What remains is measured on probes:
/// Gaussian directions that are added to the activations for this.
/// </remarks>
internal static class StructuredDirections
{
    private const int Folds = 4, MostProbes = 12;

    /// <summary>Finds them.</summary>
    /// <param name="rows">Whitened coordinates. [row, d], float32</param>
    /// <param name="factor">How many times as much as the strongest probe a direction must have.</param>
    /// <param name="generator">Where chance comes from.</param>
    /// <param name="cancellation">Checked in between.</param>
    /// <returns>Orthogonal, structured directions first, and how many there are. [d, d], float32</returns>
    public static (Tensor Basis, int Count) Of(Tensor rows, double factor, Generator generator, CancellationToken cancellation)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var d = (int)rows.shape[1];
        var probes = Math.Clamp(d, 4, MostProbes);
        var probed = cat([rows, randn([rows.shape[0], probes], generator: generator)], dim: 1);
        var folds = Cumulants.Slices(probed, Folds, generator, cancellation);
        Tensor Square(Tensor slices)
        {
            using var step = NewDisposeScope();
            return slices.transpose(0, 1).reshape(d + probes, -1).matmul(slices.reshape(-1, d + probes)).to(float64).MoveToOuterDisposeScope();
        }

        var across = (Square(folds.Aggregate((a, b) => a + b)) - folds.Select(Square).Aggregate((a, b) => a + b)) / (Folds * (Folds - 1)); // [d + probes, d + probes]
        var noise = linalg.eigvalsh(across.narrow(0, d, probes).narrow(1, d, probes)).abs().max().item<double>();
        var (values, vectors) = linalg.eigh(across.narrow(0, 0, d).narrow(1, 0, d));
        var count = (int)values.gt(factor * noise).sum().item<long>();
        return (vectors.flip(1).to(float32).MoveToOuterDisposeScope(), count);
    }
}
