using SubspaceCircuits.Circuits;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions;

/// <summary>Checks circuits by running the model with only their edges.</summary>
public static class CircuitValidation
{
    private static readonly double[] FrontierCoverages = [0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999];

    /// <summary>Validates a circuit against the full model, random circuits of the same size and circuits of other coverages.</summary>
    /// <param name="model">Model and partitions.</param>
    /// <param name="circuit">Candidates with the choice to validate.</param>
    /// <param name="task">Gives the sequences.</param>
    /// <param name="settings">How many, how long.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    public static Validation Run(PartitionedModel model, Circuit circuit, ITask task, ValidationSettings settings, CancellationToken cancellation = default)
    {
        Evaluation.RequireFits(model.Weights.Config, task);
        var samples = TaskBatch.Draw(task, settings.From, settings.To, settings.Samples, new Random(settings.Seed));
        Faithfulness Measure(string name, Circuit masked) => Compare(name, model, masked, task, samples, cancellation);

        var random = new Random(settings.Seed);
        var right = Evaluation.Batches(samples, model.Weights.Config.NCtx)
            .Sum(batch => Evaluation.CountRight(task, batch, model.Weights.WE.device, tokens => Transformer.Forward(model.Weights, tokens)));
        return new Validation("mean", samples.Count, Measure("circuit", circuit), circuit.Edges.Count, ComponentGraph.Edges(circuit).Count,
            ComponentGraph.CountAll(model.Weights.Config), (double)right / samples.Count,
            [.. Enumerable.Range(0, settings.Controls).Select(_ => Measure("random circuit of equal size", SameSize(circuit, random)))],
            [.. FrontierCoverages.Select(coverage => new FrontierPoint(coverage, Measure("coverage", CircuitSelection.ByCoverage(circuit, coverage))))]);
    }

    /// <summary>Runs one masked model beside the full one.</summary>
    public static Faithfulness Compare(string name, PartitionedModel model, Circuit circuit, ITask task, IReadOnlyList<TaskSample> samples, CancellationToken cancellation = default)
    {
        using var noGrad = no_grad();
        using var masked = new MaskedTransformer(model, circuit);
        int match = 0, right = 0;
        double divergence = 0, positions = 0, matching = 0;
        foreach (var part in Evaluation.Batches(samples, model.Weights.Config.NCtx))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var batch = new TaskBatch(part, task.Vocabulary.Pad, model.Weights.WE.device);
            var full = Transformer.Forward(model.Weights, batch.Tokens);                   // [batch, pos, vocab]
            var found = masked.Forward(batch.Tokens);
            var isScored = batch.Targets.ne(TaskSample.Unsupervised);                      // [batch, pos]

            var isMatch = task.Scoring.IsSame(found, full);
            match += (int)isMatch.logical_or(isScored.logical_not()).all(dim: 1).sum().item<long>();
            matching += isMatch.logical_and(isScored).sum().item<long>();
            right += (int)task.Scoring.IsRight(batch, found).all(dim: 1).sum().item<long>();
            divergence += (task.Scoring.Divergence(full, found) * isScored).to(float64).sum().item<double>();
            positions += isScored.sum().item<long>();
        }

        return new Faithfulness(name, circuit.Kept.Count(), (double)match / samples.Count, matching / positions, (double)right / samples.Count, divergence / positions);
    }

    /// <summary>A random choice with as many edges of every kind.</summary>
    internal static Circuit SameSize(Circuit circuit, Random random)
    {
        HashSet<CircuitEdge> chosen = [];
        foreach (var kind in circuit.Edges.GroupBy(edge => edge.Kind))
        {
            var edges = kind.ToArray();
            random.Shuffle(edges);
            chosen.UnionWith(edges.Take(kind.Count(edge => edge.IsKept)));
        }

        return circuit.Keep(chosen.Contains);
    }
}
