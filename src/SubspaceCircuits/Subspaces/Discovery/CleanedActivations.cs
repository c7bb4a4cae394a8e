using SubspaceCircuits.Activations;

namespace SubspaceCircuits.Subspaces.Discovery;

/// <summary>
/// Activations made ready for discovery: rows far from all others set aside, constant directions left out, the rest whitened. Owns its tensors and
/// disposes them.
/// </summary>
/// <remarks>
/// A row is set aside when its squared Mahalanobis distance exceeds <see cref="MostDistance"/> times the median: a few rows with massive activations would
/// decide all fourth moments. Found in rounds, since such rows widen the covariance that they are measured by.
/// </remarks>
internal sealed class CleanedActivations : IDisposable
{
    /// <summary>Squared Mahalanobis distance, over the median, from which on a row is set aside.</summary>
    public const double MostDistance = 8;

    /// <summary>Variance, as a share of the greatest, below which a direction is constant: the rounding of activations in half precision lies there.</summary>
    public const double LeastVariance = 1e-7;

    private const double Rounding = 1e-12;
    private const int Rounds = 3;

    /// <param name="activations">[row, d_model], in storage type.</param>
    /// <param name="floor">Floor of the whitening, as a share of the mean variance.</param>
    public CleanedActivations(Tensor activations, double floor)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor rows = activations, basis = empty(0), variances = empty(0), mean = empty(0);
        for (var round = 0; round < Rounds; round++)
        {
            (mean, var covariance) = Moments.Of(rows);
            var (values, vectors) = linalg.eigh(covariance);
            var least = Math.Max(LeastVariance * values[-1].item<double>(), Rounding * mean.square().mean().item<double>());
            var first = values.le(least).sum().item<long>();
            (basis, variances) = (vectors.flip(1), values.narrow(0, first, values.shape[0] - first).flip(0));
            if (round == Rounds - 1 || variances.shape[0] == 0)
                break;
            var scores = (activations.to(float32) - mean.to(float32)).matmul((basis.narrow(1, 0, variances.shape[0]) * variances.rsqrt()).to(float32));
            var distances = scores.square().sum(dim: 1);
            rows = activations.index_select(0, distances.le(MostDistance * distances.median()).nonzero().flatten());
        }

        Rank = (int)variances.shape[0];
        SetAside = activations.shape[0] - rows.shape[0];
        Basis = basis.to(float32).DetachFromDisposeScope();
        Scale = (variances + floor * variances.mean()).rsqrt().to(float32).DetachFromDisposeScope();
        Raw = (rows.to(float32) - mean.to(float32)).matmul(Basis.narrow(1, 0, Rank)).DetachFromDisposeScope();
        White = (Raw * Scale).DetachFromDisposeScope();
    }

    /// <summary>Principal directions, greatest variance first; those after <see cref="Rank"/> are constant. [d_model, d_model], float32</summary>
    public Tensor Basis { get; }

    /// <summary>Directions that are not constant.</summary>
    public int Rank { get; }

    /// <summary>Rows that were set aside.</summary>
    public long SetAside { get; }

    /// <summary>Coordinates of the rows that were kept, less their mean. [row, rank], float32</summary>
    public Tensor Raw { get; }

    /// <summary>The same, of nearly equal variance. [row, rank], float32</summary>
    public Tensor White { get; }

    /// <summary>Factor of each direction that whitens it. [rank], float32</summary>
    public Tensor Scale { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Scale.Dispose();
        Basis.Dispose();
        Raw.Dispose();
        White.Dispose();
    }
}
