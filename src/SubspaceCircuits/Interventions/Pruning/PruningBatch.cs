using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions.Pruning;

/// <summary>Samples with what the whole model says about them. Owns its tensors and disposes them.</summary>
internal sealed class PruningBatch : IDisposable
{
    private readonly TaskBatch _batch;
    private readonly ITask _task;
    private readonly Tensor _whole, _isScored;
    private readonly Tensor? _donors;

    public PruningBatch(Weights weights, ITask task, IReadOnlyList<TaskSample> samples, Ablation ablation)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        (_task, _batch) = (task, new TaskBatch(samples, task.Vocabulary.Pad, weights.WE.device));
        _whole = Transformer.Forward(weights, _batch.Tokens).DetachFromDisposeScope();             // [batch, pos, vocab]
        _isScored = _batch.Targets.ne(TaskSample.Unsupervised).DetachFromDisposeScope();           // [batch, pos]
        // The next sample, in batches by length one that is about as long.
        _donors = ablation is Ablation.Resample ? _batch.Tokens.roll(1, 0).DetachFromDisposeScope() : null;
        Input = new GatedInput(_batch.Tokens, _donors);
        Scored = _isScored.sum().item<long>();
    }

    public int Count => _batch.Samples.Count;

    public GatedInput Input { get; }

    /// <summary>Scored positions.</summary>
    public long Scored { get; }

    /// <summary>Whole sequences, and positions, at which the prediction is the whole model's.</summary>
    public (long Sequences, long Positions) Matches(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var isSame = _task.Scoring.IsSame(logits, _whole);
        return (isSame.logical_or(_isScored.logical_not()).all(dim: 1).sum().item<long>(), isSame.logical_and(_isScored).sum().item<long>());
    }

    /// <summary>Whole sequences that are right.</summary>
    public long Right(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return _task.Scoring.IsRight(_batch, logits).all(dim: 1).sum().item<long>();
    }

    /// <summary>Sum over scored positions of KL(whole ‖ gated), nats; differentiable. A scalar.</summary>
    public Tensor Divergence(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return (_task.Scoring.Divergence(_whole, logits) * _isScored).sum().MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _batch.Dispose();
        _whole.Dispose();
        _isScored.Dispose();
        _donors?.Dispose();
    }
}
