using SubspaceCircuits.Circuits;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.Interventions;

/// <summary>
/// One layer's attention with gates. With what a reader sees in two parts, <c>v = u N/σ</c> and c, the score is
/// <c>v_q S v_k + c_q K v_k + v_q K_c + c_q K_c</c>: the first term has gates by (query, key) pairs, the second by (const, key), the last two stay.
/// </summary>
/// <remarks>Subspaces are those of u, so N stands inside the maps: it does not commute with a projector on a subspace.</remarks>
internal sealed class GatedAttention
{
    private readonly AttentionWeights _weights;
    private readonly double _rootHead;
    private readonly GatedSite _read, _write;
    private readonly Tensor _queries, _keys, _queryKey, _valueOutput, _passthrough;                    // maps in the bases of the partitions
    private readonly Tensor _pairPlaces, _constantPlaces, _valuePlaces, _passthroughPlaces;

    public GatedAttention(ModelConfig config, AttentionWeights weights, int layer, GatedSite read, GatedSite write, EdgeGates gates, OwnedTensors owned)
    {
        (_weights, _read, _write, _rootHead) = (weights, read, write, Math.Sqrt(config.DHead));
        _queries = owned.Add(read.Read.matmul(weights.WQ));                                            // [head, d_model, d_head]
        _keys = owned.Add(read.Read.matmul(weights.WK));
        _queryKey = owned.Add(_queries.matmul(_keys.transpose(-2, -1)));                               // [head, d_model, d_model]
        _valueOutput = owned.Add(read.Read.matmul(weights.WV).matmul(weights.WO.matmul(write.R)));     // [head, d_model, d_model]
        _passthrough = owned.Add(read.R.T.matmul(write.R));

        var (ids, targets) = (EdgeGates.Ids(read.Partition), EdgeGates.Ids(write.Partition));
        Tensor PerHead(Func<string, Tensor> places) => owned.Add(stack([.. Enumerable.Range(0, config.NHeads).Select(head => places(Circuit.HeadId(layer, head)))], dim: 0));
        _pairPlaces = PerHead(via => gates.Places(EdgeKind.Qk, via, ids, ids));                        // [head, unit, unit]
        _constantPlaces = PerHead(via => gates.Places(EdgeKind.Qk, via, ["const"], ids).squeeze(0));   // [head, unit]
        _valuePlaces = PerHead(via => gates.Places(EdgeKind.Ov, via, ids, targets));                   // [head, unit, unit]
        _passthroughPlaces = owned.Add(gates.Places(EdgeKind.Passthrough, null, ids, targets));
    }

    /// <summary>The stream after this attention.</summary>
    /// <param name="x">[batch, pos, d_model]</param>
    /// <param name="mask">Additive mask. [query, key]</param>
    /// <param name="gates">[edge] or [batch, edge]</param>
    /// <param name="carried">What edges from the site that is read carry.</param>
    /// <param name="constants">Optimal constants of this layer, or null.</param>
    public Tensor Forward(Tensor x, Tensor mask, Tensor gates, Carried carried, AttentionConstants? constants)
    {
        var sigma = _read.Sigma(x);
        var (scaled, c) = (carried.Over(sigma).ForEach(), _read.Constant(x, sigma));
        Tensor Constant(Tensor w, Tensor b) => c.unsqueeze(-3).matmul(w) + b.unsqueeze(1);             // [batch, head, pos, d_head]
        var cQ = Constant(_weights.WQ, _weights.BQ);
        if (constants is not null)
            cQ = cQ + constants.Query.unsqueeze(1);
        var (cK, cV) = (Constant(_weights.WK, _weights.BK), Constant(_weights.WV, _weights.BV));

        var keys = scaled.Through(_keys, EdgeGates.At(gates, _constantPlaces).index_select(-1, _read.Owners).unsqueeze(-1));   // [batch, head, pos, d_head]
        var scores = scaled.Compared(_queryKey, Expanded(EdgeGates.At(gates, _pairPlaces), _read, _read))
            + cQ.matmul((keys + cK).transpose(-2, -1)) + scaled.Now.matmul(_queries).matmul(cK.transpose(-2, -1));             // [batch, head, query, key]
        var pattern = (scores / _rootHead + mask).softmax(-1);

        var values = constants is null ? scaled : (carried with { Ablated = constants.Values }).Over(sigma).ForEach();
        var moved = pattern.matmul(values.Through(_valueOutput, Expanded(EdgeGates.At(gates, _valuePlaces), _read, _write))).sum(dim: -3).matmul(_write.R.T);
        var constant = pattern.matmul(cV).matmul(_weights.WO).sum(dim: -3) + _weights.BO;
        var passed = (constants is null ? carried : carried with { Ablated = constants.Passthrough })
            .Through(_passthrough, Expanded(EdgeGates.At(gates, _passthroughPlaces), _read, _write)).matmul(_write.R.T);
        return _read.Origin + passed + moved + constant;
    }

    /// <summary>Gates of pairs of subspaces as gates of the entries of a map. [..., unit, unit] to [..., d_model, d_model]</summary>
    public static Tensor Expanded(Tensor gates, GatedSite read, GatedSite write) => gates.index_select(-2, read.Owners).index_select(-1, write.Owners);
}

/// <summary>What stands in the place of removed edges around one attention.</summary>
/// <param name="Query">Added to the constant part of the queries. [head, d_head]</param>
/// <param name="Values">Deviation from the mean that removed OV edges carry. [1, d_model]</param>
/// <param name="Passthrough">Deviation from the mean that removed passthrough edges carry. [1, d_model]</param>
internal sealed record AttentionConstants(Tensor Query, Tensor Values, Tensor Passthrough);
