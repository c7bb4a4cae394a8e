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
    {
        Evaluation.RequireFits(weights.Config, task);
        Task = task;
        var donors = samples.Samples.Zip(samples.Donors).ToDictionary(pair => pair.First, pair => pair.Second);
        List<GatedBatch> batches = [];
        foreach (var part in Evaluation.Batches(samples.Samples, weights.Config.NCtx))
        {
            cancellation.ThrowIfCancellationRequested();
            batches.Add(new GatedBatch(weights, task, part, [.. part.Select(sample => donors[sample])]));
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

/// <summary>One batch.</summary>
internal sealed class GatedBatch : IDisposable
{
    private readonly TaskBatch _donors;

    public GatedBatch(Weights weights, ITask task, IReadOnlyList<TaskSample> samples, IReadOnlyList<TaskSample> donors)
    {
        using var noGrad = no_grad();
        (Batch, _donors) = (new TaskBatch(samples, task.Vocabulary.Pad, weights.WE.device), new TaskBatch(donors, task.Vocabulary.Pad, weights.WE.device));
        Whole = Transformer.Forward(weights, Batch.Tokens).DetachFromDisposeScope();
        IsScored = Batch.Targets.ne(TaskSample.Unsupervised).DetachFromDisposeScope();
        Scored = IsScored.sum(dim: 1).to(float64).cpu().data<double>().ToArray();
    }

    public TaskBatch Batch { get; }

    /// <summary>Logits of the whole model. [batch, pos, vocab]</summary>
    public Tensor Whole { get; }

    /// <summary>Where the prediction is scored. [batch, pos]</summary>
    public Tensor IsScored { get; }

    /// <summary>Scored positions of every sample.</summary>
    public double[] Scored { get; }

    /// <summary>What a gated model is run on.</summary>
    public GatedInput Input(double interpolation = 1) => new(Batch.Tokens, _donors.Tokens, interpolation);

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
