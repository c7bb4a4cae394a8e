using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Interventions;

/// <summary>
/// One site with its reader's norm. The stream is <c>x = o + u</c> with the origin o at the mean, or at 0 where edges are ablated by zero; a reader sees
/// <c>u N/σ(x) + c</c> with <c>N = C Γ</c> and the constant part <c>c = o N/σ(x) + β</c>; σ is that of the stream of the run.
/// </summary>
internal sealed class GatedSite
{
    private readonly LayerNormWeights? _norm;
    private readonly double _epsilon;

    public GatedSite(Partition partition, LayerNormWeights? norm, double epsilon, Ablation ablation, ScalarType type, OwnedTensors owned)
    {
        (Partition, _norm, _epsilon) = (partition, norm, epsilon);
        R = owned.Add(partition.R.to(type, copy: true));
        Origin = owned.Add(ablation is Ablation.Zero ? zeros_like(partition.Mean, dtype: type) : partition.Mean.to(type, copy: true));
        var identity = eye(R.shape[0], dtype: type, device: R.device);
        Read = owned.Add(R.T.matmul(norm is null ? identity : Centre(identity) * norm.W));
        Owners = owned.Add(tensor([.. partition.Sizes.SelectMany((size, unit) => Enumerable.Repeat((long)unit, size))], device: R.device));
    }

    /// <summary>Its subspaces.</summary>
    public Partition Partition { get; }

    /// <summary>R. [d_model, d_model]</summary>
    public Tensor R { get; }

    /// <summary>o. [d_model]</summary>
    public Tensor Origin { get; }

    /// <summary>RᵀN. [d_model, d_model]</summary>
    public Tensor Read { get; }

    /// <summary>The subspace that each column belongs to, int64. [d_model]</summary>
    public Tensor Owners { get; }

    /// <summary>u in the basis of the partition.</summary>
    public Tensor Rotated(Tensor x) => (x - Origin).matmul(R);

    /// <summary>√(variance over dimensions + ε), or null without a norm. [batch, pos, 1]</summary>
    public Tensor? Sigma(Tensor x) => _norm is null ? null : (Centre(x).square().mean([-1], keepdim: true) + _epsilon).sqrt();

    /// <summary>c. [batch or 1, pos, d_model]</summary>
    public Tensor Constant(Tensor x, Tensor? sigma) => _norm is null ? Origin.expand(1, x.shape[1], -1) : Centre(Origin) / sigma! * _norm.W + _norm.B;

    private static Tensor Centre(Tensor x) => x - x.mean([-1], keepdim: true);
}
