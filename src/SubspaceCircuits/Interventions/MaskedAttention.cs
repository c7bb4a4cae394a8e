using SubspaceCircuits.Circuits;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.Interventions;

/// <summary>
/// One layer's attention with masked QK, OV and passthrough blocks. With <c>x = μ + u</c> the norm reads <c>y = v + c</c>: the part that
/// varies, <c>v = u N/σ(x)</c> with <c>N = C Γ</c>, and the part that does not. The score is <c>v_q S v_k + c_q K_v + v_q K_c + c_q K_c</c>: the
/// first term is masked by (query, key) pairs, the second by (const, key), the last two stay.
/// </summary>
/// <remarks>Subspaces are those of u, so N stands inside the masked maps: it does not commute with a projector on a subspace.</remarks>
internal sealed class MaskedAttention
{
    private readonly AttentionWeights _weights;
    private readonly LayerNormWeights? _norm;
    private readonly double _epsilon, _rootHead;
    private readonly Tensor _mean, _queries, _queryKey, _constantKeys, _valueOutput, _passthrough;

    public MaskedAttention(PartitionedModel model, int layer, EdgeMask mask, OwnedTensors owned)
    {
        var (read, write) = model.AroundAttention(layer);
        var block = model.Weights.Blocks[layer];
        (_weights, _norm, _epsilon) = (block.Attention, block.Ln1, model.Weights.Config.Epsilon);
        _rootHead = Math.Sqrt(model.Weights.Config.DHead);
        Tensor rRead = read.R.to(float32), rWrite = write.R.to(float32);
        _mean = owned.Add(read.Mean.to(float32, copy: true));
        var identity = eye(_mean.shape[0], device: _mean.device);
        var n = _norm is null ? identity : MaskedReader.Centre(identity) * _norm.W;                                            // N, [d_model, d_model]
        _queries = owned.Add(n.matmul(_weights.WQ));                                                                            // [head, d_model, d_head]

        List<Tensor> queryKey = [], constantKeys = [], valueOutput = [];
        for (var head = 0; head < model.Weights.Config.NHeads; head++)
        {
            var via = Circuit.HeadId(layer, head);
            Tensor wQ = n.matmul(_weights.WQ[head]), wK = n.matmul(_weights.WK[head]);                                      // [d_model, d_head]
            var masked = mask.Apply(rRead.T.matmul(wQ).matmul(wK.T).matmul(rRead), EdgeKind.Qk, via, read, read);
            queryKey.Add(rRead.matmul(masked).matmul(rRead.T));
            constantKeys.Add(MaskedReader.Projector(read, key => mask.Has(EdgeKind.Qk, via, "const", EdgeMask.Id(read, key))).matmul(wK));
            var moved = mask.Apply(rRead.T.matmul(n).matmul(_weights.WV[head]).matmul(_weights.WO[head]).matmul(rWrite), EdgeKind.Ov, via, read, write);
            valueOutput.Add(rRead.matmul(moved).matmul(rWrite.T));
        }

        _queryKey = owned.Add(stack(queryKey, dim: 0));              // [head, d_model, d_model]
        _constantKeys = owned.Add(stack(constantKeys, dim: 0));      // [head, d_model, d_head]
        _valueOutput = owned.Add(stack(valueOutput, dim: 0));        // [head, d_model, d_model]
        _passthrough = owned.Add(rRead.matmul(mask.Apply(rRead.T.matmul(rWrite), EdgeKind.Passthrough, null, read, write)).matmul(rWrite.T));
    }

    /// <summary>The stream after this attention.</summary>
    /// <param name="x">[batch, pos, d_model]</param>
    /// <param name="mask">Additive mask. [query, key]</param>
    /// <returns>[batch, pos, d_model]</returns>
    public Tensor Forward(Tensor x, Tensor mask)
    {
        using var scope = NewDisposeScope();
        var varying = x - _mean;                                                                     // u, [batch, pos, d_model]
        var (scaled, c) = _norm is { } norm ? Normalized(x, varying, norm) : (varying, _mean.expand_as(x));
        var cQ = einsum("bpd,hde->bhpe", c, _weights.WQ) + _weights.BQ.unsqueeze(1);                 // [batch, head, pos, d_head]
        var cK = einsum("bpd,hde->bhpe", c, _weights.WK) + _weights.BK.unsqueeze(1);
        var cV = einsum("bpd,hde->bhpe", c, _weights.WV) + _weights.BV.unsqueeze(1);

        var vKeys = einsum("bpd,hde->bhpe", scaled, _constantKeys);
        var vQueries = einsum("bpd,hde->bhpe", scaled, _queries);
        var scores = einsum("bqd,hdf,bkf->bhqk", scaled, _queryKey, scaled)
            + cQ.matmul((vKeys + cK).transpose(-2, -1)) + vQueries.matmul(cK.transpose(-2, -1));     // [batch, head, query, key]
        var pattern = (scores / _rootHead + mask).softmax(-1);

        var moved = einsum("bhqk,bkd,hdf->bqf", pattern, scaled, _valueOutput);
        var constant = einsum("bhqk,bhke,hed->bqd", pattern, cV, _weights.WO) + _weights.BO;
        return (_mean + varying.matmul(_passthrough) + moved + constant).MoveToOuterDisposeScope();
    }

    /// <summary>u/σ and the constant part of the normalised stream; each [batch, pos, d_model].</summary>
    private (Tensor Scaled, Tensor Constant) Normalized(Tensor x, Tensor varying, LayerNormWeights norm)
    {
        var sigma = MaskedReader.Sigma(x, _epsilon);
        return (varying / sigma, MaskedReader.Centre(_mean) / sigma * norm.W + norm.B);
    }
}
