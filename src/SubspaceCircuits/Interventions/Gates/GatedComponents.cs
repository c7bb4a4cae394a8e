using SubspaceCircuits.Circuits;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using Parameter = TorchSharp.Modules.Parameter;

namespace SubspaceCircuits.Interventions;

/// <summary>
/// A model with a gate on every edge from a component to a reader (<see cref="ComponentGraph.All"/>, in its order). A reader's input is
/// <c>x_r = Σ_s g_sr o_s + (1 − g_sr) a_sr + b</c> with the source's output o in this run, what its ablation puts there, a, and the biases of the attentions before it, which go
/// with no edge and stay. With all gates 1 and <see cref="ComponentNorm.Recomputed"/> it is the model. Owns its tensors and disposes them; the weights are borrowed.
/// </summary>
/// <remarks>
/// <see cref="Ablation.Optimal"/> has a vector for every edge, which starts at the mean of its source, as in Li and Janson (2024). With a hard mask only their sum at each reader counts; while
/// gates are sampled, the sum differs between samples, and a vector for each reader could not follow. Ablated embeddings between which
/// <see cref="GatedInput.Interpolation"/> lies are their means then.
/// </remarks>
public sealed class GatedComponents : IGatedModel
{
    private const double ConstantRate = .01, VarianceRate = .05;

    private readonly OwnedTensors _owned = new();
    private readonly Weights _weights;
    private readonly ModelConfig _config;
    private readonly Tensor _means;                            // [source, d_model]
    private readonly Parameter? _constants, _logVariances;     // [edge, d_model], [reader]
    private readonly List<(Tensor W, Tensor B)> _ports = [];   // for each layer [port, d_model, d_head] and [port, 1, d_head]; a head's q, k, v together

    /// <summary>Measures means and variances of the whole model.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="ablation">What stands in the place of a removed edge.</param>
    /// <param name="norm">What norms divide by.</param>
    /// <param name="reference">Samples over whose tokens means and variances are taken.</param>
    /// <param name="pad">Id of the token that fills batches up.</param>
    public GatedComponents(Weights weights, Ablation ablation, ComponentNorm norm, IReadOnlyList<TaskSample> reference, int pad)
    {
        (_weights, _config, Ablation, Norm) = (weights, weights.Config, ablation, norm);
        Edges = [.. ComponentGraph.All(_config)];
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (means, variances) = ComponentSources.Moments(weights, reference, pad);
        _means = _owned.Add(means.to(weights.WE.dtype, copy: true));
        foreach (var a in weights.Blocks.Select(block => block.Attention))
        {
            _ports.Add((_owned.Add(stack([a.WQ, a.WK, a.WV], dim: 1).flatten(0, 1).clone()),
                _owned.Add(stack([a.BQ, a.BK, a.BV], dim: 1).flatten(0, 1).unsqueeze(1).clone())));
        }

        List<Learnable> learnables = [];
        if (ablation is Ablation.Optimal)
        {
            string[] sources = [.. Edges.Select(edge => edge.Source).Distinct()];
            _constants = Learn(_means.index_select(0, tensor(Edges.Select(edge => (long)Array.IndexOf(sources, edge.Source)).ToArray(), device: _means.device)), ConstantRate);
        }

        if (norm is ComponentNorm.Constant && _config.Normalization is Normalization.LayerNorm)
            _logVariances = Learn(cat([.. SitesOfReaders().Select(site => variances.narrow(0, site, 1))], dim: 0).clamp_min(1e-12).log().to(weights.WE.dtype), VarianceRate);
        Learnables = learnables;

        Parameter Learn(Tensor start, double rate)
        {
            var parameter = new Parameter(start.clone(), requires_grad: true);
            _owned.Add(parameter);
            learnables.Add(new Learnable(parameter, rate));
            return parameter;
        }
    }

    /// <summary>Source and reader of every edge.</summary>
    public IReadOnlyList<(string Source, string Reader)> Edges { get; }

    /// <inheritdoc/>
    public int EdgeCount => Edges.Count;

    /// <inheritdoc/>
    public Ablation Ablation { get; }

    /// <summary>What norms divide by.</summary>
    public ComponentNorm Norm { get; }

    /// <summary>The constants of <see cref="Ablation.Optimal"/>, <c>ln v</c> of <see cref="ComponentNorm.Constant"/>.</summary>
    public IReadOnlyList<Learnable> Learnables { get; }

    /// <inheritdoc/>
    public Tensor Forward(GatedInput input, Tensor gates)
    {
        using var scope = NewDisposeScope();
        var (batch, length) = (input.Tokens.shape[0], input.Tokens.shape[1]);
        RequireFits(input, gates, batch);
        var rows = gates.dim() == 1 ? gates.unsqueeze(0) : gates;                                                           // [batch or 1, edge]
        var donors = Ablation is Ablation.Resample ? ComponentSources.Run(_weights, input.Donors!) : null;                   // [batch, source, pos, d_model]
        var whole = input.Interpolation < 1 ? ComponentSources.Run(_weights, input.Tokens) : null;
        var sources = Embeddings(input, donors);                                                                            // [batch, source, pos, d_model]
        var bias = zeros_like(_means[0]);
        int edge = 0, reader = 0;
        var mask = Transformer.Mask(_config, length, sources);
        for (var layer = 0; layer < _config.NLayers; layer++)
        {
            var (block, ports) = (_weights.Blocks[layer], _ports[layer]);
            var projected = (einsum("brpd,rde->brpe", Read(3 * _config.NHeads, block.Ln1), ports.W) + ports.B).unflatten(1, [_config.NHeads, 3]); // [batch, head, 3, pos, d_head]
            var (q, k, v) = (projected.select(2, 0), projected.select(2, 1), projected.select(2, 2));
            var pattern = (q.matmul(k.transpose(-2, -1)) / Math.Sqrt(_config.DHead) + mask).softmax(-1);                     // [batch, head, query, key]
            sources = cat([sources, einsum("bhpe,hed->bhpd", pattern.matmul(v), block.Attention.WO)], dim: 1);
            bias = bias + block.Attention.BO;
            if (block.Mlp is { } mlp)
                sources = cat([sources, Transformer.Mlp(_config, mlp, Read(1, block.Ln2), layer, new Hooks())], dim: 1);
        }

        return (Read(1, _weights.LnFinal).squeeze(1).matmul(_weights.WU) + _weights.BU).MoveToOuterDisposeScope();

        // What the next readers see, after their norm. [batch, reader, pos, d_model]
        Tensor Read(int readers, LayerNormWeights? norm)
        {
            var count = sources.shape[1];
            var own = rows.narrow(1, edge, readers * count).reshape(-1, readers, count);                                    // [batch or 1, reader, source]
            var carried = whole is null ? Mixed(own, sources) : sources.sum(dim: 1, keepdim: true) + Mixed(own - 1, whole.narrow(1, 0, count));
            var replaced = Ablation switch
            {
                Ablation.Zero => zeros_like(bias),
                Ablation.Resample => Mixed(1 - own, donors!.narrow(1, 0, count)),
                Ablation.Optimal => einsum("brs,rsd->brd", 1 - own, _constants!.narrow(0, edge, readers * count).unflatten(0, [readers, count])).unsqueeze(2),
                _ => (1 - own).matmul(_means.narrow(0, 0, count)).unsqueeze(2),
            };
            var read = Normalize(carried + replaced + bias, norm, reader, readers);
            (edge, reader) = (edge + (readers * (int)count), reader + readers);
            return read;
        }

        Tensor Mixed(Tensor own, Tensor of) => own.expand(batch, -1, -1).bmm(of.flatten(2)).unflatten(2, [length, _config.DModel]);
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.Dispose();

    private Tensor Normalize(Tensor x, LayerNormWeights? norm, int reader, int readers)
    {
        if (norm is null || _logVariances is null)
            return Transformer.Normalize(x, norm, _config.Epsilon, new Hooks(), HookPoint.LnFinalScale);
        var scale = (_logVariances.narrow(0, reader, readers).exp() + _config.Epsilon).rsqrt().reshape(-1, 1, 1);           // [reader, 1, 1]
        return (x - x.mean([-1], keepdim: true)) * scale * norm.W + norm.B;
    }

    /// <summary>Embeddings of tokens and positions, on the way from the ablated ones as far as the interpolation says.</summary>
    /// <returns>[batch, 2, pos, d_model]</returns>
    private Tensor Embeddings(GatedInput input, Tensor? donors)
    {
        var embed = _weights.WE.index_select(0, input.Tokens.flatten()).unflatten(0, input.Tokens.shape);
        var both = stack([embed, _weights.WPos.narrow(0, 0, input.Tokens.shape[1]).expand_as(embed)], dim: 1);
        if (input.Interpolation == 1)
            return both;
        var from = Ablation switch
        {
            Ablation.Zero => zeros_like(both),
            Ablation.Resample => donors!.narrow(1, 0, 2),
            _ => _means.narrow(0, 0, 2).reshape(1, 2, 1, -1),
        };
        return from + (input.Interpolation * (both - from));
    }

    /// <summary>For every reader which site it reads: all ports of an attention the same, then its MLP the next, the logits the last.</summary>
    private IEnumerable<long> SitesOfReaders()
    {
        var site = 0L;
        for (var layer = 0; layer < _config.NLayers; layer++)
        {
            foreach (var _ in Enumerable.Range(0, 3 * _config.NHeads))
                yield return site;
            site++;
            if (!_config.IsAttentionOnly)
                yield return site++;
        }

        yield return site;
    }

    private void RequireFits(GatedInput input, Tensor gates, long batch)
    {
        if (gates.shape[^1] != EdgeCount || gates.dim() > 2 || (gates.dim() == 2 && gates.shape[0] != batch))
            throw new ArgumentException($"Gates should have shape [{EdgeCount}] or [{batch}, {EdgeCount}], but have [{string.Join(", ", gates.shape)}].");
        if (gates.dtype != _means.dtype)
            throw new ArgumentException($"Gates should be {_means.dtype}, as the weights are, but are {gates.dtype}.");
        if (!(input.Interpolation is >= 0 and <= 1))
            throw new ArgumentException($"The interpolation should lie in 0..1, but is {input.Interpolation}.");
        if (Ablation is Ablation.Resample && input.Donors is null)
            throw new ArgumentException("Resampling needs donors: other samples of the same shape.");
    }
}
