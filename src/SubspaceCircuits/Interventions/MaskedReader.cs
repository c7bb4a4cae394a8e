using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Interventions;

/// <summary>A reader that sees some subspaces of a site and the mean of all others, through its norm with the stream's own σ.</summary>
internal sealed class MaskedReader
{
    private readonly LayerNormWeights? _norm;
    private readonly double _epsilon;
    private readonly Tensor _mean, _projector;

    public MaskedReader(LayerNormWeights? norm, double epsilon, Partition site, Func<int, bool> isSeen, OwnedTensors owned)
    {
        (_norm, _epsilon) = (norm, epsilon);
        _mean = owned.Add(site.Mean.to(float32, copy: true));
        _projector = owned.Add(Projector(site, isSeen));
    }

    /// <summary>Normalised input of the reader.</summary>
    /// <param name="x">The stream. [batch, pos, d_model]</param>
    /// <returns>[batch, pos, d_model]</returns>
    public Tensor Read(Tensor x)
    {
        var seen = _mean + (x - _mean).matmul(_projector);
        return _norm is null ? seen : Centre(seen) / Sigma(x, _epsilon) * _norm.W + _norm.B;
    }

    /// <summary>Orthogonal projector on the subspaces that satisfy a condition. [d_model, d_model]</summary>
    public static Tensor Projector(Partition site, Func<int, bool> isSeen)
    {
        var seen = site.R.to(float32) * Partition.ColumnMask(site, isSeen).to(float32);
        return seen.matmul(seen.T);
    }

    /// <summary>Less the mean over dimensions. [..., d_model]</summary>
    public static Tensor Centre(Tensor x) => x - x.mean([-1], keepdim: true);

    /// <summary>√(variance over dimensions + ε). [..., 1]</summary>
    public static Tensor Sigma(Tensor x, double epsilon) => (Centre(x).square().mean([-1], keepdim: true) + epsilon).sqrt();
}
