using SubspaceCircuits.Circuits;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.Interventions;

/// <summary>
/// A model with a gate on every candidate edge between its subspaces. At every site the stream is written as a constant and a deviation from it; every linear
/// map between sites, every QK form and every input of an MLP is weighted block by block in the bases of the partitions. Biases always stay. Norms keep their
/// true σ(x), taken from the stream of this run. With all gates at 1, and constants untrained, the result is the model's own.
/// </summary>
/// <remarks>
/// A removed edge carries what it would if its source subspace were, in this one term only: at the site's mean, of an embedding at the mean of its table's rows (<see cref="Ablation.Mean"/>), zero
/// (<see cref="Ablation.Zero"/>; a QK edge loses <c>x_q P_i N S N P_j x_k</c>), what it is at the same position of the donor (<see cref="Ablation.Resample"/>; a QK
/// edge compares the donor's query with the donor's key), or a constant of the reader that is learned (<see cref="Ablation.Optimal"/>; of QK edges a query that
/// the kept edges from <c>const</c> compare). Positions do not differ between samples, so resampling the position embedding changes nothing.
/// </remarks>
public sealed class GatedTransformer : IGatedModel
{
    private readonly OwnedTensors _owned = new();
    private readonly Weights _weights;
    private readonly IReadOnlyList<GatedSite> _sites;
    private readonly List<GatedAttention> _attentions = [];
    private readonly List<GatedMlp> _mlps = [];
    private readonly (Tensor Rows, Tensor Mean, Tensor Places)[] _tables;
    private readonly Tensor _unembed, _unembedPlaces;
    private readonly OptimalConstants? _constants;

    /// <summary>Prepares the maps.</summary>
    /// <param name="model">The model and its partitions.</param>
    /// <param name="candidates">Every candidate edge; gates have the order of its edges.</param>
    /// <param name="ablation">What stands in the place of a removed edge.</param>
    /// <exception cref="ArgumentException">The circuit lacks a candidate.</exception>
    public GatedTransformer(PartitionedModel model, Circuit candidates, Ablation ablation = Ablation.Mean)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        (_weights, Ablation, EdgeCount) = (model.Weights, ablation, candidates.Edges.Count);
        var (config, type) = (_weights.Config, _weights.WE.dtype);
        var gates = new EdgeGates(candidates, _weights.WE.device);
        LayerNormWeights?[] norms = [.. _weights.Blocks.SelectMany(block => block.Mlp is null ? [block.Ln1] : (LayerNormWeights?[])[block.Ln1, block.Ln2]), _weights.LnFinal];
        _sites = [.. model.Partitions.Zip(norms, (partition, norm) => new GatedSite(partition, norm, config.Epsilon, ablation, type, _owned))];

        Tensor Places(EdgeKind kind, string from) => _owned.Add(gates.Places(kind, null, [from], EdgeGates.Ids(model.Partitions[0])).squeeze(0));
        _tables = [Table(_weights.WE, Places(EdgeKind.Embed, "embed")), Table(_weights.WPos, Places(EdgeKind.Pos, "pos"))];
        for (int layer = 0, site = 0; layer < config.NLayers; layer++)
        {
            _attentions.Add(new GatedAttention(config, _weights.Blocks[layer].Attention, layer, _sites[site], _sites[++site], gates, _owned));
            if (_weights.Blocks[layer].Mlp is { } mlp)
                _mlps.Add(new GatedMlp(config, mlp, layer, _sites[site], _sites[++site], gates, _owned));
        }

        _unembed = _owned.Add(_sites[^1].Read.matmul(_weights.WU));                                                                     // [d_model, vocab]
        _unembedPlaces = _owned.Add(gates.Places(EdgeKind.Unembed, null, EdgeGates.Ids(model.Last), ["logits"]).squeeze(1));
        _constants = ablation is Ablation.Optimal ? new OptimalConstants(config, type, _weights.WE.device, _owned) : null;
    }

    /// <inheritdoc/>
    public int EdgeCount { get; }

    /// <inheritdoc/>
    public Ablation Ablation { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Learnable> Learnables => _constants?.All ?? [];

    /// <summary>Gates of a circuit among the same candidates: 1 for kept edges, else 0.</summary>
    /// <returns>In the caller's dispose scope. [edge]</returns>
    public Tensor GatesOf(Circuit circuit) => circuit.Edges.Count == EdgeCount
        ? tensor(circuit.Edges.Select(edge => edge.IsKept ? 1f : 0f).ToArray(), dtype: _weights.WE.dtype, device: _weights.WE.device)
        : throw new ArgumentException($"The circuit lists {circuit.Edges.Count} candidate edges, but the model was made with {EdgeCount}.");

    /// <inheritdoc/>
    public Tensor Forward(GatedInput input, Tensor gates)
    {
        using var scope = NewDisposeScope();
        var length = input.Tokens.shape[1];
        var isFixed = input.Interpolation < 1;
        var own = isFixed ? Streams(input.Tokens) : null;
        var donors = Ablation is Ablation.Resample
            ? Streams(input.Donors ?? throw new ArgumentException("To ablate by resampling, the input should have donors."))
            : null;

        Carried At(int site, Tensor x) => new(_sites[site].Rotated(x), own is null ? null : _sites[site].Rotated(own[site]), donors is null ? null : _sites[site].Rotated(donors[site]));
        var residual = Embed(input, gates, length);                                          // [batch, pos, d_model]
        var mask = Transformer.Mask(_weights.Config, length, residual);
        for (int layer = 0, site = 0; layer < _attentions.Count; layer++)
        {
            residual = _attentions[layer].Forward(residual, mask, gates, At(site, residual), _constants?.Attentions[layer]);
            site++;
            if (_mlps.Count > 0)
            {
                residual = _mlps[layer].Forward(residual, gates, At(site, residual), _constants?.Mlps[layer]);
                site++;
            }
        }

        return Unembed(residual, gates, At(_sites.Count - 1, residual)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.Dispose();

    private Tensor Embed(GatedInput input, Tensor gates, long length)
    {
        var first = _sites[0];
        var tokens = Part(_tables[0], input.Tokens.flatten(), input.Donors?.flatten(), _constants?.Embed).reshape(input.Tokens.shape[0], length, -1);
        var positions = arange(length, device: input.Tokens.device);
        return (tokens + Part(_tables[1], positions, Ablation is Ablation.Resample ? positions : null, _constants?.Pos)).matmul(first.R.T);

        // Rows in the basis of the first site, behind their gates.
        Tensor Part((Tensor Rows, Tensor Mean, Tensor Places) table, Tensor ids, Tensor? donors, Tensor? constant)
        {
            var rows = table.Rows.index_select(0, ids);
            var ablated = donors is not null && Ablation is Ablation.Resample ? table.Rows.index_select(0, donors) : constant;
            var now = input.Interpolation < 1 ? input.Interpolation * rows + (1 - input.Interpolation) * (ablated ?? zeros_like(rows)) : rows;
            var own = EdgeGates.At(gates, table.Places).index_select(-1, first.Owners);      // [(batch,) d_model]
            if (own.dim() > 1)
            {
                (now, rows) = (PerSample(now), PerSample(rows));
                ablated = ablated is null || ablated.shape[0] == 1 ? ablated : PerSample(ablated);
                own = own.unsqueeze(1);
            }

            return table.Mean + new Carried(now, input.Interpolation < 1 ? rows : null, ablated).Gated(own);
        }

        // A table of tokens has a row for every token of every sample, that of positions one for each position.
        Tensor PerSample(Tensor rows) => rows.reshape(-1, length, rows.shape[^1]);
    }

    private Tensor Unembed(Tensor x, Tensor gates, Carried carried)
    {
        var last = _sites[^1];
        var sigma = last.Sigma(x);
        var seen = (_constants is null ? carried : carried with { Ablated = _constants.Unembed }).Over(sigma);
        var logits = seen.Through(_unembed, EdgeGates.At(gates, _unembedPlaces).index_select(-1, last.Owners).unsqueeze(-1));
        return logits + last.Constant(x, sigma).matmul(_weights.WU) + _weights.BU;
    }

    /// <summary>The stream of the whole model at every site. [batch, pos, d_model]</summary>
    private Tensor[] Streams(Tensor tokens)
    {
        using var noGrad = no_grad();
        using var hooks = new Hooks([.. _sites.Select(site => site.Partition.Site!.Value.HookPoint)]);
        Transformer.Forward(_weights, tokens, hooks: hooks, stopAtLayer: _weights.Config.NLayers).Dispose();
        return [.. _sites.Select(site => hooks[site.Partition.Site!.Value.HookPoint].clone())];
    }

    /// <summary>A table less its mean in the basis of the first site; by zero ablation the mean goes too.</summary>
    private (Tensor Rows, Tensor Mean, Tensor Places) Table(Tensor table, Tensor places)
    {
        var mean = table.mean([0]);
        var origin = Ablation is Ablation.Zero ? zeros_like(mean) : mean;
        var r = _sites[0].R;
        return (_owned.Add((table - origin).matmul(r)), _owned.Add(origin.matmul(r)), places);
    }
}
