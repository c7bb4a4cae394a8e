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
            var full = Transformer.Forward(model.Weights, batch.Tokens).log_softmax(-1);   // [batch, pos, vocab]
            var found = masked.Forward(batch.Tokens).log_softmax(-1);
            var isScored = batch.Targets.ne(TaskSample.Unsupervised);                      // [batch, pos]
            long RowsAllTrue(Tensor isRight) => isRight.logical_or(isScored.logical_not()).all(dim: 1).sum().item<long>();

            var isMatch = found.argmax(-1).eq(full.argmax(-1));
            match += (int)RowsAllTrue(isMatch);
            matching += isMatch.logical_and(isScored).sum().item<long>();
            right += (int)RowsAllTrue(found.argmax(-1).eq(batch.Targets));
            var kl = (full.exp() * (full - found)).sum(dim: -1);                           // [batch, pos]
            divergence += (kl * isScored).to(float64).sum().item<double>();
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
