using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions.Heads;

/// <summary>
/// One batch of samples, run with one set of heads ablated after another. A run starts at the first layer in which its set differs from the one
/// before; the last layer computes scored positions only. Owns its tensors and disposes them.
/// </summary>
internal sealed class AblationBatch : IDisposable
{
    private readonly Weights _weights;
    private readonly IScoring _scoring;
    private readonly TaskBatch _batch;
    private readonly OwnedTensors _owned = new();
    private readonly Tensor _mask, _rows, _rowSample, _whole;
    private readonly Tensor[] _replacements;

    // State of the last run: the stream before each layer and the mixed values in it, before ablation.
    private readonly Tensor[] _residual, _z;
    private Tensor _logits;
    private HeadSet _ablated;

    /// <summary>Runs the whole model.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="task">Gives padding and scoring.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="replacements">From the tokens' batch to what replaces z in each layer: [batch or 1, pos, head, d_head].</param>
    public AblationBatch(Weights weights, ITask task, IReadOnlyList<TaskSample> samples, Func<TaskBatch, IEnumerable<Tensor>> replacements)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        (_weights, _scoring, _batch) = (weights, task.Scoring, new TaskBatch(samples, task.Vocabulary.Pad, weights.WE.device));
        var width = _batch.Tokens.shape[1];
        _mask = _owned.Add(Transformer.Mask(weights.Config, width, weights.WE));
        var scored = nonzero(_batch.Targets.ne(TaskSample.Unsupervised));                                    // [scored, 2]
        _rowSample = _owned.Add(scored.select(1, 0).contiguous());
        _rows = _owned.Add(_rowSample * width + scored.select(1, 1));

        int[] layers = [.. Enumerable.Range(0, weights.Config.NLayers)];
        using var hooks = new Hooks([.. layers.Select(HookPoint.ResidPre), .. layers.Select(HookPoint.Z)]);
        Transformer.Forward(weights, _batch.Tokens, hooks: hooks, stopAtLayer: layers.Length);
        _residual = [.. layers.Select(layer => Kept(hooks[HookPoint.ResidPre(layer)]))];
        _z = [.. layers.Select(layer => Kept(hooks[HookPoint.Z(layer)]))];
        _replacements = [.. replacements(_batch).Select(replacement => _owned.Add(replacement))];
        // In the way of every other run: the empty set then has a divergence of exactly zero.
        _whole = _owned.Add(Logits(_z[^1]));
        _logits = Kept(_whole);
    }

    /// <summary>Runs the model with some heads ablated and adds what is found.</summary>
    public void Measure(HeadSet ablated, HeadSetTally tally)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Run(ablated);
        var isSame = _scoring.IsSame(_logits, _whole).flatten();                                             // [scored]
        var differing = zeros(_batch.Samples.Count, device: isSame.device).index_add(0, _rowSample, isSame.logical_not().to(float32), 1);
        var logits = zeros(_batch.Tokens.numel(), _logits.shape[^1], dtype: _logits.dtype, device: _logits.device)
            .index_copy(0, _rows, _logits[0]).reshape(_batch.Tokens.shape[0], _batch.Tokens.shape[1], -1);   // [batch, pos, vocab]
        tally.Add(_batch.Samples.Count, differing.eq(0).sum().item<long>(), _scoring.IsRight(_batch, logits).all(dim: 1).sum().item<long>(),
            _rows.shape[0], _scoring.Divergence(_whole, _logits).to(float64).sum().item<double>());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[.. _residual, .. _z, _logits])
            tensor.Dispose();
        _owned.Dispose();
        _batch.Dispose();
    }

    /// <summary>Brings the state from the last set to this one.</summary>
    private void Run(HeadSet ablated)
    {
        var config = _weights.Config;
        var last = config.NLayers - 1;
        for (var layer = HeadSet.FirstDifference(_ablated, ablated, config); layer <= last; layer++)
        {
            var block = _weights.Blocks[layer];
            var z = Ablate(layer, ablated);
            if (layer == last)
            {
                Set(ref _logits, Logits(z));
                continue;
            }

            Set(ref _residual[layer + 1], Transformer.Write(config, block, layer, _residual[layer], z, new Hooks()));
            Set(ref _z[layer + 1], Transformer.Attend(config, _weights.Blocks[layer + 1], layer + 1, _residual[layer + 1], _mask, new Hooks()));
        }

        _ablated = ablated;
    }

    /// <summary>The last layer and the unembedding at scored positions.</summary>
    /// <returns>[1, scored, vocab]</returns>
    private Tensor Logits(Tensor z)
    {
        var last = _weights.Config.NLayers - 1;
        var residual = Transformer.Write(_weights.Config, _weights.Blocks[last], last, Scored(_residual[last]), Scored(z), new Hooks());
        return Transformer.Unembed(_weights, residual, new Hooks());
    }

    private Tensor Ablate(int layer, HeadSet ablated)
    {
        var heads = _weights.Config.NHeads;
        bool[] isAblated = [.. Enumerable.Range(layer * heads, heads).Select(ablated.Has)];
        return !isAblated.Contains(true) ? _z[layer]
            : where(tensor(isAblated, device: _mask.device).unsqueeze(-1), _replacements[layer], _z[layer]);  // [batch, pos, head, d_head]
    }

    /// <summary>The scored positions alone, as one long row.</summary>
    /// <param name="x">[batch, pos, ...]</param>
    /// <returns>[1, scored, ...]</returns>
    private Tensor Scored(Tensor x) => x.flatten(0, 1).index_select(0, _rows).unsqueeze(0);

    private static Tensor Kept(Tensor tensor) => tensor.alias().DetachFromDisposeScope();

    private static void Set(ref Tensor place, Tensor value)
    {
        place.Dispose();
        place = value.DetachFromDisposeScope();
    }
}
