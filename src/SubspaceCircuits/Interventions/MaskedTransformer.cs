using SubspaceCircuits.Circuits;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Interventions;

/// <summary>
/// Runs a model with only the kept edges of a circuit. What a removed edge would carry is replaced by its mean: the source subspace
/// is held at the site's mean activation, in this one term only. Owns its masked maps and disposes them.
/// </summary>
/// <remarks>
/// At every site the stream is written as <c>x = μ + u</c>. Every linear map between sites, and every QK form, is masked block by block
/// in the bases of the partitions; constants (means, biases) always stay. Norms keep their true <c>σ(x)</c>, taken from the stream of this
/// run. With all edges kept the result is the model's own.
/// </remarks>
public sealed class MaskedTransformer : IDisposable
{
    private readonly OwnedTensors _owned = new();
    private readonly Weights _weights;
    private readonly Tensor _embed, _pos;
    private readonly List<MaskedAttention> _attentions = [];
    private readonly List<MaskedMlp> _mlps = [];
    private readonly MaskedReader _unembed;

    /// <summary>Prepares the masked maps.</summary>
    /// <param name="model">The model and its partitions.</param>
    /// <param name="circuit">Which edges are kept.</param>
    public MaskedTransformer(PartitionedModel model, Circuit circuit)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        _weights = model.Weights;
        var mask = new EdgeMask(circuit);
        var first = model.Partitions[0];
        _embed = _owned.Add(Table(_weights.WE, first, unit => mask.Has(EdgeKind.Embed, null, "embed", EdgeMask.Id(first, unit))));
        _pos = _owned.Add(Table(_weights.WPos, first, unit => mask.Has(EdgeKind.Pos, null, "pos", EdgeMask.Id(first, unit))));
        for (var layer = 0; layer < _weights.Config.NLayers; layer++)
        {
            _attentions.Add(new MaskedAttention(model, layer, mask, _owned));
            if (!_weights.Config.IsAttentionOnly)
                _mlps.Add(new MaskedMlp(model, layer, mask, _owned));
        }

        _unembed = new MaskedReader(_weights.LnFinal, _weights.Config.Epsilon, model.Last,
            unit => mask.Has(EdgeKind.Unembed, null, EdgeMask.Id(model.Last, unit), "logits"), _owned);
    }

    /// <summary>Logits of the masked model.</summary>
    /// <param name="tokens">Token ids, int64. [batch, pos]</param>
    /// <returns>[batch, pos, vocab]</returns>
    public Tensor Forward(Tensor tokens)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var length = tokens.shape[1];
        var embed = _embed.index_select(0, tokens.flatten()).reshape(tokens.shape[0], length, -1);
        var residual = embed + _pos.narrow(0, 0, length);                // [batch, pos, d_model]
        var mask = Transformer.Mask(_weights.Config, length, residual);
        for (var layer = 0; layer < _attentions.Count; layer++)
        {
            residual = _attentions[layer].Forward(residual, mask);
            if (_mlps.Count > 0)
                residual = _mlps[layer].Forward(residual);
        }

        return (_unembed.Read(residual).matmul(_weights.WU) + _weights.BU).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.Dispose();

    /// <summary>An embedding table whose rows vary around their mean in the kept subspaces only.</summary>
    private static Tensor Table(Tensor table, Partition first, Func<int, bool> isKept)
    {
        var mean = table.mean([0], keepdim: true);
        return mean + (table - mean).matmul(MaskedReader.Projector(first, isKept));
    }
}
