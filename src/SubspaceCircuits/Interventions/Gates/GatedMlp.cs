using SubspaceCircuits.Circuits;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.Interventions;

/// <summary>
/// One layer's MLP with gates: the part that it writes into a subspace is computed from the sources as far as their gates to it are open. Targets whose gates
/// are the same share one run of the MLP where no derivative is asked for.
/// </summary>
internal sealed class GatedMlp
{
    private readonly ModelConfig _config;
    private readonly MlpWeights _weights;
    private readonly GatedSite _read, _write;
    private readonly Tensor _in, _out, _passthrough, _places, _passthroughPlaces;

    public GatedMlp(ModelConfig config, MlpWeights weights, int layer, GatedSite read, GatedSite write, EdgeGates gates, OwnedTensors owned)
    {
        (_config, _weights, _read, _write) = (config, weights, read, write);
        _in = owned.Add(read.Read.matmul(weights.WIn));              // [d_model, d_mlp]
        _out = owned.Add(weights.WOut.matmul(write.R));              // [d_mlp, d_model]
        _passthrough = owned.Add(read.R.T.matmul(write.R));
        var (ids, targets) = (EdgeGates.Ids(read.Partition), EdgeGates.Ids(write.Partition));
        _places = owned.Add(gates.Places(EdgeKind.Mlp, Circuit.MlpId(layer), ids, targets).T.contiguous());   // [unit_write, unit_read]
        _passthroughPlaces = owned.Add(gates.Places(EdgeKind.Passthrough, null, ids, targets));
    }

    /// <summary>The stream after this MLP.</summary>
    /// <param name="x">[batch, pos, d_model]</param>
    /// <param name="gates">[edge] or [batch, edge]</param>
    /// <param name="carried">What edges from the site that is read carry.</param>
    /// <param name="constants">Optimal constants of this layer, or null.</param>
    public Tensor Forward(Tensor x, Tensor gates, Carried carried, MlpConstants? constants)
    {
        var sigma = _read.Sigma(x);
        var constant = _read.Constant(x, sigma).matmul(_weights.WIn) + _weights.BIn;                              // [batch, pos, d_mlp]
        var seen = (constants is null ? carried : carried with { Ablated = constants.Input }).Over(sigma);
        var own = EdgeGates.At(gates, _places).index_select(-1, _read.Owners);                                 // [(batch,) unit_write, d_model]
        var writes = _out.split([.. _write.Partition.Sizes.Select(size => (long)size)], dim: 1);
        var written = new Tensor[writes.Length];
        foreach (var targets in Groups(gates))
        {
            var read = seen.Gated(own.select(-2, targets[0]) is var one && one.dim() > 1 ? one.unsqueeze(-2) : one);
            var post = Transformer.Activate(_config.Activation, read.matmul(_in) + constant);                  // [batch, pos, d_mlp]
            foreach (var target in targets)
                written[target] = post.matmul(writes[target]);
        }

        var passed = (constants is null ? carried : carried with { Ablated = constants.Passthrough })
            .Through(_passthrough, GatedAttention.Expanded(EdgeGates.At(gates, _passthroughPlaces), _read, _write));
        return _read.Origin + (passed + cat(written, dim: -1)).matmul(_write.R.T) + _weights.BOut;
    }

    /// <summary>Targets by the gates of their sources.</summary>
    private int[][] Groups(Tensor gates)
    {
        var targets = Enumerable.Range(0, _write.Partition.Count);
        if (gates.requires_grad || gates.dim() > 1)
            return [.. targets.Select(target => (int[])[target])];
        var flat = EdgeGates.At(gates, _places).to(float64).cpu().contiguous().data<double>().ToArray();
        return [.. targets.GroupBy(target => string.Join(',', flat.Skip(target * _read.Partition.Count).Take(_read.Partition.Count))).Select(group => group.ToArray())];
    }
}

/// <summary>What stands in the place of removed edges around one MLP, as deviations from the mean.</summary>
/// <param name="Input">Of what it reads. [1, d_model]</param>
/// <param name="Passthrough">Of what passes it by. [1, d_model]</param>
internal sealed record MlpConstants(Tensor Input, Tensor Passthrough);
