using SubspaceCircuits.Interventions.Heads;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions;

/// <summary>Samples of a task with their donors, in batches, each with the logits of the whole model. Owns its tensors and disposes them.</summary>
public sealed class GatedSamples : IDisposable
{
    /// <summary>Runs the whole model on the samples.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="task">Gives padding and scoring.</param>
    /// <param name="samples">The samples and their donors.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <exception cref="ArgumentException">The model's vocabulary or context is too small for the task.</exception>
    public GatedSamples(Weights weights, ITask task, PairedSamples samples, CancellationToken cancellation = default)
        : this(weights, task, samples.Samples, samples.Samples.Zip(samples.Donors).ToDictionary(pair => pair.First, pair => pair.Second), cancellation)
    {
    }

    /// <summary>Runs the whole model on samples that are each other's donors: the one before in the batch, which is about as long. Alone in its batch a sample is its own.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="task">Gives padding and scoring.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    public GatedSamples(Weights weights, ITask task, IReadOnlyList<TaskSample> samples, CancellationToken cancellation = default)
        : this(weights, task, samples, null, cancellation)
    {
    }

    private GatedSamples(Weights weights, ITask task, IReadOnlyList<TaskSample> samples, Dictionary<TaskSample, TaskSample>? donors, CancellationToken cancellation)
    {
        Evaluation.RequireFits(weights.Config, task);
        Task = task;
        List<GatedBatch> batches = [];
        foreach (var part in Evaluation.Batches(samples, weights.Config.NCtx))
        {
            cancellation.ThrowIfCancellationRequested();
            batches.Add(new GatedBatch(weights, task, part, donors is null ? null : [.. part.Select(sample => donors[sample])]));
        }

        Batches = batches;
    }

    /// <summary>The task.</summary>
    public ITask Task { get; }

    /// <summary>How many samples there are.</summary>
    public int Count => Batches.Sum(batch => batch.Batch.Samples.Count);

    /// <summary>The samples in the order of the batches, which is that of all results by sample.</summary>
    public IEnumerable<TaskSample> InOrder => Batches.SelectMany(batch => batch.Batch.Samples);

    /// <summary>The batches, short sequences first.</summary>
    internal IReadOnlyList<GatedBatch> Batches { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var batch in Batches)
            batch.Dispose();
    }
}

/// <summary>One batch, with the whole model's logits. Owns its tensors and disposes them.</summary>
internal sealed class GatedBatch : IDisposable
{
    private readonly ITask _task;
    private readonly Tensor _donors;

    /// <summary>Runs the whole model.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="task">Gives padding and scoring.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="donors">A donor for each; null for the one before in the batch.</param>
    public GatedBatch(Weights weights, ITask task, IReadOnlyList<TaskSample> samples, IReadOnlyList<TaskSample>? donors = null)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        (_task, Batch) = (task, new TaskBatch(samples, task.Vocabulary.Pad, weights.WE.device));
        _donors = (donors is null ? Batch.Tokens.roll(1, 0) : Tokens(donors)).DetachFromDisposeScope();
        Whole = Transformer.Forward(weights, Batch.Tokens).DetachFromDisposeScope();
        IsScored = Batch.Targets.ne(TaskSample.Unsupervised).DetachFromDisposeScope();
        Scored = IsScored.sum(dim: 1).to(float64).cpu().data<double>().ToArray();

        Tensor Tokens(IReadOnlyList<TaskSample> of)
        {
            using var batch = new TaskBatch(of, task.Vocabulary.Pad, weights.WE.device);
            return batch.Tokens.clone();
        }
    }

    public TaskBatch Batch { get; }

    public int Count => Batch.Samples.Count;

    /// <summary>Logits of the whole model. [batch, pos, vocab]</summary>
    public Tensor Whole { get; }

    /// <summary>Where the prediction is scored. [batch, pos]</summary>
    public Tensor IsScored { get; }

    /// <summary>Scored positions of every sample.</summary>
    public double[] Scored { get; }

    /// <summary>What a gated model is run on.</summary>
    public GatedInput Input(double interpolation = 1) => new(Batch.Tokens, _donors, interpolation);

    /// <summary>Whole sequences, and positions, at which the prediction is the whole model's.</summary>
    public (long Sequences, long Positions) Matches(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var isSame = _task.Scoring.IsSame(logits, Whole);
        return (isSame.logical_or(IsScored.logical_not()).all(dim: 1).sum().item<long>(), isSame.logical_and(IsScored).sum().item<long>());
    }

    /// <summary>Whole sequences that are right.</summary>
    public long Right(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return _task.Scoring.IsRight(Batch, logits).all(dim: 1).sum().item<long>();
    }

    /// <summary>KL(whole ‖ gated) of every sample, summed over its scored positions, nats; differentiable. [batch]</summary>
    public Tensor Divergences(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return Sums(_task.Scoring.Divergence(Whole, logits)).MoveToOuterDisposeScope();
    }

    /// <summary>Sums over the scored positions of every sample. [batch, pos] to [batch]</summary>
    public Tensor Sums(Tensor perPosition) => perPosition.where(IsScored, zeros_like(perPosition)).sum(dim: 1);

    public void Dispose()
    {
        Batch.Dispose();
        _donors.Dispose();
        Whole.Dispose();
        IsScored.Dispose();
    }
}
