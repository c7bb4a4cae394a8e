using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions.Norms;

/// <summary>How far 1/σ of a reader is from a constant, over the tokens of some samples.</summary>
/// <param name="Mean">Mean of 1/σ.</param>
/// <param name="Variation">Its coefficient of variation, standard deviation over mean.</param>
/// <param name="OfMoments"><c>1/√E[σ²]</c>, as in <see cref="Circuits.ReadMap"/>; below the mean, as tokens with a small σ count less.</param>
/// <param name="ClassMeans">Mean of every class of positions; of one without tokens, that of all. [class]</param>
/// <param name="ClassVariations">Coefficient of variation within every class. [class]</param>
public sealed record NormSpread(double Mean, double Variation, double OfMoments, IReadOnlyList<double> ClassMeans, IReadOnlyList<double> ClassVariations)
{
    /// <summary>Spread of every reader of a model.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="task">Gives padding.</param>
    /// <param name="samples">What it is run on; padding does not count.</param>
    /// <param name="classes">Classes of positions.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    public static IReadOnlyDictionary<NormReader, NormSpread> Of(Weights weights, ITask task, IReadOnlyList<TaskSample> samples, PositionClasses classes, CancellationToken cancellation = default)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var readers = NormReader.All(weights.Config);
        var sums = readers.ToDictionary(reader => reader, _ => zeros(4, classes.Names.Count, dtype: float64));   // count, 1/σ, 1/σ², σ²; [4, class]
        foreach (var part in Evaluation.Batches(samples, weights.Config.NCtx))
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            using var batch = new TaskBatch(part, task.Vocabulary.Pad, weights.WE.device);
            using var hooks = new Hooks(readers.Select(reader => reader.Scale));
            Transformer.Forward(weights, batch.Tokens, hooks: hooks);
            var length = batch.Tokens.shape[1];
            var isToken = arange(length).unsqueeze(0).lt(tensor([.. part.Select(sample => (long)sample.Tokens.Length)]).unsqueeze(-1)).to(float64);
            var indices = classes.Indices(length, CPU);
            foreach (var reader in readers)
            {
                var inverse = 1 / hooks[reader.Scale].squeeze(-1).cpu().to(float64);                             // [batch, pos]
                Tensor[] powers = [ones_like(inverse), inverse, inverse.square(), inverse.pow(-2)];
                sums[reader].index_add_(1, indices, stack([.. powers.Select(power => (isToken * power).sum(dim: 0))], dim: 0), 1);
            }
        }

        return readers.ToDictionary(reader => reader, reader => From(sums[reader]));
    }

    private static NormSpread From(Tensor sums)
    {
        var total = sums.sum(dim: 1);
        var all = Moments(total);
        (double Mean, double Variation)[] perClass = [.. Enumerable.Range(0, (int)sums.shape[1])
            .Select(index => sums[0, index].item<double>() > 0 ? Moments(sums.select(1, index)) : (all.Mean, 0))];
        return new(all.Mean, all.Variation, (total[0] / total[3]).sqrt().item<double>(), [.. perClass.Select(moments => moments.Mean)], [.. perClass.Select(moments => moments.Variation)]);
    }

    private static (double Mean, double Variation) Moments(Tensor sums)
    {
        var (count, sum, squares) = (sums[0].item<double>(), sums[1].item<double>(), sums[2].item<double>());
        var mean = sum / count;
        return (mean, Math.Sqrt(Math.Max(0, squares / count - mean * mean)) / mean);
    }
}
