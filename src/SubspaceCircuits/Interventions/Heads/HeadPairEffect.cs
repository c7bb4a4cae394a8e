using SubspaceCircuits.Circuits.Heads;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions.Heads;

/// <summary>What ablating two heads does beyond what ablating each of them does, <c>Δ(h ∪ h') − Δ(h) − Δ(h')</c>, Δ the divergence from the whole model.</summary>
/// <param name="First">Name of the first head.</param>
/// <param name="Second">Name of the second.</param>
/// <param name="Verdict">What weights say of them.</param>
/// <param name="Ablation">What stands in the place of an ablated head's output.</param>
/// <param name="OfFirst">Δ(h), nats for each scored position.</param>
/// <param name="OfSecond">Δ(h').</param>
/// <param name="OfBoth">Δ(h ∪ h').</param>
public sealed record HeadPairEffect(string First, string Second, HeadPairVerdict Verdict, HeadAblation Ablation, double OfFirst, double OfSecond, double OfBoth)
{
    /// <summary>Positive where one makes up for the other, negative where one undoes the other.</summary>
    public double Excess => OfBoth - OfFirst - OfSecond;

    /// <summary>Effects of pairs by mean and by resample ablation, on the same samples.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="task">Gives samples and scoring.</param>
    /// <param name="layers">Pairs of its layers.</param>
    /// <param name="settings">Samples, lengths, seed; its ablation is not used.</param>
    /// <param name="hasAllPairs">Whether pairs are measured that the weights do not name.</param>
    /// <param name="cancellation">Checked before every run of a batch.</param>
    /// <returns>One for each pair and ablation, the greatest excess in size first.</returns>
    public static IReadOnlyList<HeadPairEffect> Of(Weights weights, ITask task, IEnumerable<HeadsOfLayer> layers, HeadRedundancySettings settings, bool hasAllPairs = false, CancellationToken cancellation = default)
    {
        settings.Validate();
        var names = Enumerable.Range(0, weights.Config.NLayers * weights.Config.NHeads).ToDictionary(head => HeadSet.NameOf(weights.Config, head));
        HeadPair[] pairs = [.. layers.SelectMany(layer => hasAllPairs ? layer.Pairs : layer.Named)];
        var random = new Random(settings.Seed);
        var samples = PairedSamples.Draw(task, settings.From, settings.To, settings.Samples, random);
        var reference = TaskBatch.Draw(task, settings.From, settings.To, settings.Reference, random);

        IEnumerable<HeadPairEffect> By(HeadAblation ablation)
        {
            using var runs = new HeadAblationRuns(weights, task, ablation, samples, reference, cancellation);
            HeadSet[] sets = [.. pairs.SelectMany(pair => (HeadSet[])[HeadSet.Of(names[pair.First]), HeadSet.Of(names[pair.Second]), HeadSet.Of(names[pair.First], names[pair.Second])])];
            double[] divergences = [.. runs.Measure(sets, cancellation: cancellation).Select(measure => measure.Kl)];
            return [.. pairs.Select((pair, at) => new HeadPairEffect(pair.First, pair.Second, pair.Verdict, ablation, divergences[3 * at], divergences[(3 * at) + 1], divergences[(3 * at) + 2]))];
        }

        return [.. By(HeadAblation.Mean).Concat(By(HeadAblation.Resample)).OrderByDescending(effect => Math.Abs(effect.Excess))];
    }
}
