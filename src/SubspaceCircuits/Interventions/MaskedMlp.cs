using SubspaceCircuits.Circuits;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.Interventions;

/// <summary>
/// One layer's MLP with masked blocks: the part that it writes into a subspace is computed from the subspaces that have a kept edge to
/// it. Targets with the same sources share one run of the MLP.
/// </summary>
internal sealed class MaskedMlp
{
    private readonly ModelConfig _config;
    private readonly MlpWeights _weights;
    private readonly int _layer;
    private readonly Tensor _mean, _passthrough;
    private readonly List<(MaskedReader Reader, Tensor Projector)> _groups;

    public MaskedMlp(PartitionedModel model, int layer, EdgeMask mask, OwnedTensors owned)
    {
        var (read, write) = model.AroundMlp(layer);
        var block = model.Weights.Blocks[layer];
        (_config, _weights, _layer) = (model.Weights.Config, block.Mlp!, layer);
        _mean = owned.Add(read.Mean.to(float32, copy: true));
        Tensor rRead = read.R.to(float32), rWrite = write.R.to(float32);
        _passthrough = owned.Add(rRead.matmul(mask.Apply(rRead.T.matmul(rWrite), EdgeKind.Passthrough, null, read, write)).matmul(rWrite.T));

        var via = Circuit.MlpId(layer);
        bool Has(int source, int target) => mask.Has(EdgeKind.Mlp, via, EdgeMask.Id(read, source), EdgeMask.Id(write, target));
        _groups = [.. Enumerable.Range(0, write.Count)
            .GroupBy(target => string.Join(',', Enumerable.Range(0, read.Count).Where(source => Has(source, target))))
            .Select(group => (
                new MaskedReader(block.Ln2, _config.Epsilon, read, source => Has(source, group.First()), owned),
                owned.Add(MaskedReader.Projector(write, group.Contains))))];
    }

    /// <summary>The stream after this MLP.</summary>
    /// <param name="x">[batch, pos, d_model]</param>
    /// <returns>[batch, pos, d_model]</returns>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var stream = _mean + (x - _mean).matmul(_passthrough);
        foreach (var (reader, projector) in _groups)
            stream = stream + Transformer.Mlp(_config, _weights, reader.Read(x), _layer, new Hooks()).matmul(projector);
        return stream.MoveToOuterDisposeScope();
    }
}
