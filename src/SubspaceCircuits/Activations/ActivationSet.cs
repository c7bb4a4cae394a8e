using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Activations;

/// <summary>
/// Activations of some sites on samples of a task, with what is known of each: its token, the token before it, its position and
/// the token predicted there. One sequence per row of a batch, BOS first, no padding. Owns its tensors and disposes them.
/// </summary>
public sealed class ActivationSet : IDisposable
{
    private readonly Dictionary<Site, Tensor> _bySite;

    private ActivationSet(Dictionary<Site, Tensor> bySite, IReadOnlyDictionary<string, long[]> variables)
    {
        _bySite = bySite;
        Variables = variables;
    }

    /// <summary>Activations of a site, float16, on the CPU. [row, d_model]</summary>
    public Tensor this[Site site] => _bySite.TryGetValue(site, out var rows) ? rows
        : throw new ArgumentException($"No activations of {site} were collected, only of {string.Join(", ", _bySite.Keys)}.");

    /// <summary>How many activations of each site.</summary>
    public long Rows => _bySite.Values.First().shape[0];

    /// <summary>Known variables by name, one value for each row; -1 where it has none.</summary>
    public IReadOnlyDictionary<string, long[]> Variables { get; }

    /// <summary>Runs a model on random samples and keeps what it is asked for.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="task">Gives the samples.</param>
    /// <param name="settings">How much of what.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    public static ActivationSet Collect(Weights weights, ITask task, CollectionSettings settings, CancellationToken cancellation = default)
    {
        settings.Validate();
        var sites = settings.Sites.Count > 0 ? settings.Sites : Site.All(weights.Config);
        var rows = settings.RowsWithin(sites.Count, weights.Config.DModel);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();

        var random = new Random(settings.Seed);
        var collected = sites.ToDictionary(site => site, _ => new List<Tensor>());
        var variables = new RowVariables();
        while (variables.Count < rows)
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var before = variables.Count;
            var drawn = TaskBatch.Draw(task, settings.From, settings.To, settings.BatchSize, random);
            foreach (var part in Evaluation.Batches(drawn, weights.Config.NCtx))
            {
                using var batch = new TaskBatch(part, task.Vocabulary.Pad, weights.WE.device);
                using var hooks = new Hooks(sites.Select(site => site.HookPoint));
                var predicted = Transformer.Forward(weights, batch.Tokens, hooks: hooks).argmax(-1);
                var kept = variables.Add(part, predicted.cpu(), settings, rows - variables.Count).to(batch.Tokens.device);
                foreach (var site in sites)
                    collected[site].Add(hooks[site.HookPoint].flatten(0, 1).index_select(0, kept).to(float16).cpu().MoveToOuterDisposeScope());
            }

            if (variables.Count == before)
                throw new ArgumentException($"No position of {task.Name} at lengths {settings.From}-{settings.To} counts: none lies at or after position {settings.FirstPosition}{(settings.IsSupervisedOnly ? " and is supervised" : "")}.");
        }

        return new ActivationSet(
            collected.ToDictionary(pair => pair.Key, pair => cat(pair.Value, dim: 0).DetachFromDisposeScope()),
            variables.ToDictionary());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var rows in _bySite.Values)
            rows.Dispose();
    }
}
