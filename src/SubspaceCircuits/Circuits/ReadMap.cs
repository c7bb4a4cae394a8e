using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits;

/// <summary>
/// What a reader of the residual stream sees of it, as an affine map: <c>y ≈ x N + β</c> with <c>N = C Γ s̄</c>, <c>C = I − 11ᵀ/d</c> the
/// centring, Γ the scale of the LayerNorm and s̄ a constant in the place of 1/σ(x). The identity where the model has no norm.
/// Owns its tensors and disposes them.
/// </summary>
/// <remarks>
/// s̄ is taken from the moments of the site, <c>1/√(E[σ²] + ε)</c> with <c>E[σ²] = (tr(CΣ) + ‖Cμ‖²)/d</c>, so that a partition is all that is
/// needed, unless a measured one is given. Putting a constant in the place of σ is the only approximation in the scores; the masked model of the validation keeps σ(x).
/// </remarks>
public sealed class ReadMap : IDisposable
{
    private readonly Partition _site;
    private Tensor? _rotated, _covariance;

    /// <summary>The map of a reader at a site.</summary>
    /// <param name="norm">Its LayerNorm, or null.</param>
    /// <param name="epsilon">ε of the LayerNorm.</param>
    /// <param name="site">The partition it reads, for its moments; borrowed.</param>
    /// <param name="scale">s̄, or null for that of the moments.</param>
    public ReadMap(LayerNormWeights? norm, double epsilon, Partition site, double? scale = null)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        (_site, IsCentred) = (site, norm is not null);
        var mean = site.Mean.to(float64);
        if (norm is null)
        {
            Matrix = eye(mean.shape[0], dtype: float64, device: mean.device).DetachFromDisposeScope();
            Constant = mean.clone().DetachFromDisposeScope();
            return;
        }

        var d = mean.shape[0];
        var centring = eye(d, dtype: float64, device: mean.device) - 1.0 / d;
        var meanSquare = (centring.matmul(site.Covariance.to(float64)).trace() + centring.matmul(mean).square().sum()) / d;
        Matrix = (centring * norm.W.to(float64) * (scale ?? 1 / Math.Sqrt(meanSquare.item<double>() + epsilon))).DetachFromDisposeScope();
        Constant = (mean.matmul(Matrix) + norm.B.to(float64)).DetachFromDisposeScope();
    }

    /// <summary>N. [d_model, d_model], float64</summary>
    public Tensor Matrix { get; }

    /// <summary>Whether it is blind to the direction of equal coordinates, <c>1 N = 0</c>, as behind a LayerNorm.</summary>
    public bool IsCentred { get; }

    /// <summary>What is read at the mean activation, <c>μ N + β</c>. [d_model], float64</summary>
    public Tensor Constant { get; }

    /// <summary>N in the basis of the site, <c>Rᵀ N W</c>.</summary>
    /// <param name="site">Gives R.</param>
    /// <param name="w">What the reader does next. [d_model, out]</param>
    /// <returns>[d_model, out], rows grouped by subspace; float64</returns>
    public Tensor Rotated(Partition site, Tensor w)
    {
        using var scope = NewDisposeScope();
        var rotated = ReferenceEquals(site, _site) ? _rotated ??= InBasisOf(site).DetachFromDisposeScope() : InBasisOf(site);
        return rotated.matmul(w.to(float64)).MoveToOuterDisposeScope();
    }

    /// <summary>Covariance of a site in its basis, without what is between subspaces; computed once for the site that the map reads.</summary>
    /// <returns>Of the map where it is of its site, else in the caller's dispose scope. [d_model, d_model], float64</returns>
    internal Tensor CovarianceWithin(Partition site) =>
        ReferenceEquals(site, _site) ? _covariance ??= Blocks.WithinSubspaces(site).DetachFromDisposeScope() : Blocks.WithinSubspaces(site);

    /// <inheritdoc/>
    public void Dispose()
    {
        Matrix.Dispose();
        Constant.Dispose();
        _rotated?.Dispose();
        _covariance?.Dispose();
    }

    private Tensor InBasisOf(Partition site) => site.R.to(float64).T.matmul(Matrix);
}
