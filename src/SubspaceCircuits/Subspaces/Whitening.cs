namespace SubspaceCircuits.Subspaces;

/// <summary>
/// Symmetric (ZCA) whitening, <c>z = (x − μ) W</c> with <c>W = U (Λ + f·mean(Λ))^{-1/2} Uᵀ</c>. Being symmetric, it keeps the blocks of
/// uncorrelated groups, so a rotation found in z is used in x as it is. Owns its tensors and disposes them.
/// </summary>
public sealed class Whitening : IDisposable
{
    private readonly Tensor _mean, _map;

    /// <summary>Whitening for activations with the given moments.</summary>
    /// <param name="mean">μ. [d_model]</param>
    /// <param name="covariance">Σ. [d_model, d_model]</param>
    /// <param name="floor">f, added to every eigenvalue as a share of their mean, so that directions without variance stay small; positive, or infinite for centring and one common scale only.</param>
    public Whitening(Tensor mean, Tensor covariance, double floor)
    {
        if (!(floor > 0))
            throw new ArgumentException($"The whitening floor should be positive, but is {floor}.");
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (values, vectors) = linalg.eigh(covariance.to(float64));
        var average = values.mean().clamp_min(1e-30);
        var spectrum = double.IsInfinity(floor) ? ones_like(values) * average : values.clamp_min(0) + floor * average;
        _map = (vectors * spectrum.rsqrt()).matmul(vectors.T).to(float32).DetachFromDisposeScope();
        _mean = mean.to(float32, copy: true).DetachFromDisposeScope();
    }

    /// <summary>Whitened activations.</summary>
    /// <param name="x">[row, d_model], float32</param>
    /// <returns>[row, d_model]</returns>
    public Tensor Apply(Tensor x)
    {
        using var scope = NewDisposeScope();
        return (x - _mean).matmul(_map).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mean.Dispose();
        _map.Dispose();
    }
}
