using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions.Heads;

/// <summary>
/// A model on fixed samples, measured with any sets of heads ablated. Every set is run once and remembered. Owns the activations of the
/// whole model on the samples, which it keeps (about <c>8 · n_layers · d_model</c> bytes for each token), and disposes them.
/// </summary>
/// <remarks>
/// Sets that are asked for together run in an order in which neighbours share their first layers, so that these are computed once. The heads
/// of a set are ablated at every position of every sample, all in one run; later heads see what the ablation makes of the stream.
/// </remarks>
public sealed class HeadAblationRuns : IDisposable
{
    // The activations of one layer stay in the processor's cache: larger batches are slower.
    private const int BatchTokens = 2048;

    private readonly ModelConfig _config;
    private readonly List<AblationBatch> _batches = [];
    private readonly Dictionary<HeadSet, HeadSetMeasure> _known = [];

    /// <summary>Runs the whole model on the samples.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="task">Gives padding and scoring.</param>
    /// <param name="ablation">What stands in the place of a head's output.</param>
    /// <param name="samples">Samples and, for <see cref="HeadAblation.Resample"/>, their donors.</param>
    /// <param name="reference">Samples over which the means are taken; not used by <see cref="HeadAblation.Resample"/>.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <exception cref="ArgumentException">The model has too few tokens for the task or too few positions for the samples.</exception>
    public HeadAblationRuns(Weights weights, ITask task, HeadAblation ablation, PairedSamples samples, IReadOnlyList<TaskSample> reference, CancellationToken cancellation = default)
    {
        Evaluation.RequireFits(weights.Config, task);
        _config = weights.Config;
        int[] layers = [.. Enumerable.Range(0, _config.NLayers)];
        using var means = ablation is HeadAblation.Resample ? null : new HeadMeans(weights, task, ablation, reference, cancellation);
        var donors = samples.Samples.Zip(samples.Donors).ToDictionary(pair => pair.First, pair => pair.Second);

        IEnumerable<Tensor> Replacements(TaskBatch batch)
        {
            if (means is not null)
                return [.. layers.Select(layer => means.Of(layer, batch.Samples, batch.Tokens.shape[1]))];
            using var others = new TaskBatch([.. batch.Samples.Select(sample => donors[sample])], task.Vocabulary.Pad, weights.WE.device);
            using var hooks = new Hooks(layers.Select(HookPoint.Z));
            Transformer.Forward(weights, others.Tokens, hooks: hooks, stopAtLayer: layers.Length);
            return [.. layers.Select(layer => hooks[HookPoint.Z(layer)].alias())];                              // [batch, pos, head, d_head]
        }

        try
        {
            foreach (var part in Evaluation.Batches(samples.Samples, _config.NCtx).SelectMany(part => part.Chunk(Math.Max(1, BatchTokens / part.Max(sample => sample.Tokens.Length)))))
            {
                cancellation.ThrowIfCancellationRequested();
                _batches.Add(new AblationBatch(weights, task, part, Replacements));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>How many sets were run so far.</summary>
    public int Runs => _known.Count;

    /// <summary>Measures the model with one set of heads ablated after another.</summary>
    /// <param name="ablated">Sets of ablated heads.</param>
    /// <param name="progress">Told how many runs are done; may be null.</param>
    /// <param name="cancellation">Checked before every run.</param>
    /// <returns>One for each set, in their order.</returns>
    public IReadOnlyList<HeadSetMeasure> Measure(IReadOnlyList<HeadSet> ablated, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        HeadSet[] missing = [.. ablated.Distinct().Where(set => !_known.ContainsKey(set)).Order(HeadSet.ByLayer)];
        HeadSetTally[] tallies = [.. missing.Select(_ => new HeadSetTally())];
        var done = 0;
        foreach (var batch in _batches)
        {
            for (var i = 0; i < missing.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                batch.Measure(missing[i], tallies[i]);
                progress?.Report(_known.Count + ++done / _batches.Count);
            }
        }

        for (var i = 0; i < missing.Length; i++)
            _known[missing[i]] = tallies[i].Measure;
        return [.. ablated.Select(set => _known[set])];
    }

    /// <inheritdoc/>
    public void Dispose() => _batches.ForEach(batch => batch.Dispose());
}
