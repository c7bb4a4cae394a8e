using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Heads;
using SubspaceCircuits.Interventions.Attribution;
using SubspaceCircuits.Interventions.Heads;
using SubspaceCircuits.Interventions.Norms;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions;

/// <summary>Checks circuits by running the model with only their edges.</summary>
public static class CircuitValidation
{
    private static readonly double[] FrontierCoverages = [0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999], Rates = [1e-12, 1e-6, 1e-4, 1e-2, .05, .2, .5];

    /// <summary>
    /// Validates a circuit: it alone, controls of the same size, circuits of other sizes chosen in several ways, and the effect of every edge (or of as many as
    /// the settings allow) beside what its scores said.
    /// </summary>
    /// <param name="model">Model and partitions.</param>
    /// <param name="circuit">Candidates with the choice to validate.</param>
    /// <param name="task">Gives the sequences.</param>
    /// <param name="settings">How many, how long, which ablation.</param>
    /// <param name="others">Circuits of other tasks or runs among the same candidates, by name, as further controls.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    public static Validation Run(PartitionedModel model, Circuit circuit, ITask task, ValidationSettings settings, IReadOnlyDictionary<string, Circuit>? others = null, CancellationToken cancellation = default)
    {
        settings.Validate();
        settings = settings with { From = Math.Max(settings.From, task.Lengths.Min), To = Math.Min(settings.To, task.Lengths.Max) };
        var random = new Random(settings.Seed);
        PairedSamples Draw(int count) => PairedSamples.Draw(task, settings.From, settings.To, count, random);
        using var samples = new GatedSamples(model.Weights, task, Draw(settings.Samples), cancellation);
        using var gated = new GatedTransformer(model, circuit, settings.Ablation);
        using var few = new GatedSamples(model.Weights, task, Draw(Math.Min(settings.Samples, settings.EffectSamples)), cancellation);
        var bench = new Bench(gated, samples, few, settings, cancellation);

        var scored = Scored(bench, circuit, settings, random, cancellation, out var effectiveness);
        var controls = Enumerable.Range(0, settings.Controls).Select(_ => bench.Measure("random circuit of equal size", SameSize(circuit, random)))
            .Concat(Enumerable.Range(0, settings.Controls).Select(_ => InRandomSubspaces(model, circuit, samples, few, settings, random, cancellation)))
            .Concat((others ?? new Dictionary<string, Circuit>()).Select(other => bench.Measure(other.Key, other.Value))).ToArray();
        var right = samples.Batches.Sum(part => part.Right(part.Whole));
        return new Validation(settings.Ablation, samples.Count, bench.Measure("circuit", circuit), circuit.Edges.Count, ComponentGraph.Edges(circuit).Count,
            ComponentGraph.CountAll(model.Weights.Config), (double)right / samples.Count, controls,
            Frontiers(bench, model, scored, effectiveness, settings), scored, ScoreAgreement.ByFamily(scored.Edges), Norms(model.Weights, task, settings, cancellation), MlpReport.All(model, few, settings.Seed, cancellation),
            HeadPairs(model, task, settings, cancellation), [.. samples.InOrder]);
    }

    private static IReadOnlyList<HeadPairEffect> HeadPairs(PartitionedModel model, ITask task, ValidationSettings settings, CancellationToken cancellation) =>
        HeadsOfLayer.All(model) is var layers && layers.Any(layer => layer.Named.Any())
            ? HeadPairEffect.Of(model.Weights, task, layers, new HeadRedundancySettings { Samples = settings.Samples, From = settings.From, To = settings.To, Seed = settings.Seed }, cancellation: cancellation)
            : [];

    private static NormReport? Norms(Weights weights, ITask task, ValidationSettings settings, CancellationToken cancellation) => weights.Config.Normalization is Normalization.None ? null
        : NormReport.Of(weights, task, new NormSettings { Samples = settings.Samples, From = settings.From, To = settings.To, LearningSteps = settings.NormSteps, Seed = settings.Seed }, cancellation);

    /// <summary>Effectiveness of every edge, and the effect of as many as the settings allow: those kept first, then random others.</summary>
    private static Circuit Scored(Bench bench, Circuit circuit, ValidationSettings settings, Random random, CancellationToken cancellation, out double[][] effectiveness)
    {
        effectiveness = GateDerivatives.Effectiveness(bench.Model, bench.Few, settings.Draws, (ulong)settings.Seed, cancellation);
        var perPosition = bench.Few.Batches.Sum(part => part.Scored.Sum()) / bench.Few.Count;
        double[] nats = [.. BootstrapStability.Means(effectiveness).Select(value => value / perPosition)];

        int[] order = [.. Enumerable.Range(0, circuit.Edges.Count)];
        random.Shuffle(order);
        int[] measured = [.. order.OrderBy(edge => circuit.Edges[edge].IsKept ? 0 : 1).Take(settings.MaxEffects).Order()];
        var effects = measured.Zip(EdgeEffects.Divergences(bench.Model, bench.Few, measured, cancellation)).ToDictionary(pair => pair.First, pair => pair.Second);
        return circuit with
        {
            Edges = [.. circuit.Edges.Select((edge, at) => edge with { Scores = edge.Scores with { Nats = nats[at], Effect = effects.TryGetValue(at, out var effect) ? effect : null } })],
        };
    }

    private static IReadOnlyList<CircuitFrontier> Frontiers(Bench bench, PartitionedModel model, Circuit scored, double[][] effectiveness, ValidationSettings settings)
    {
        var none = bench.Measure("none", scored.Keep(_ => false));
        var kept = scored.Kept.Count();
        CircuitFrontier ByScore(string name, Func<CircuitEdge, double> score, double? stability = null)
        {
            double[] scores = [.. scored.Edges.Select(score)];
            var points = CircuitFrontier.Shares.Select(share => bench.Point(share, CircuitSelection.ByScore(scored, scores, (int)Math.Ceiling(share * scores.Length)))).ToArray();
            (double Share, double F)[] curve = [(0, 0), .. points.Where(point => CircuitFrontier.AreaShares.Contains(point.At)).Select(point => (point.At, none.Kl > 0 ? 1 - point.Circuit.Kl / none.Kl : 1))];
            return new CircuitFrontier(name, points, stability)
            {
                Cpr = CircuitFrontier.Area(curve),
                Cmd = CircuitFrontier.Area(curve.Select(point => (point.Share, Math.Abs(1 - point.F)))),
            };
        }

        IReadOnlySet<int> Top(int[] counts)
        {
            var means = BootstrapStability.Means(effectiveness, counts);
            return Enumerable.Range(0, means.Length).OrderByDescending(edge => means[edge]).Take(kept).ToHashSet();
        }

        return
        [
            new CircuitFrontier("coverage", [.. FrontierCoverages.Select(coverage => bench.Point(coverage, CircuitSelection.ByCoverage(scored, coverage)))],
                MomentStability.OfCoverage(model, bench.Few, settings)),
            .. scored.Edges.Any(edge => edge.Scores.Q is not null) ? (CircuitFrontier[])[new("significance", [.. Rates.Select(rate => bench.Point(rate, CircuitSelection.BySignificance(scored, rate)))])] : [],
            ByScore("energy", edge => edge.EnergyScore),
            ByScore("variance", edge => edge.Scores.VarianceShare),
            ByScore("nats", edge => edge.Scores.Nats!.Value, BootstrapStability.Of(effectiveness.Length, Top, settings.Bootstraps, new Random(settings.Seed))),
        ];
    }

    /// <summary>A random choice with as many edges of every kind.</summary>
    internal static Circuit SameSize(Circuit circuit, Random random)
    {
        HashSet<CircuitEdge> chosen = new(ReferenceEqualityComparer.Instance);
        foreach (var kind in circuit.Edges.GroupBy(edge => edge.Kind))
        {
            var edges = kind.ToArray();
            random.Shuffle(edges);
            chosen.UnionWith(edges.Take(kind.Count(edge => edge.IsKept)));
        }

        return circuit.Keep(chosen.Contains);
    }

    /// <summary>The same model in random subspaces of the same sizes: as many edges of every kind, those with the greatest share of variance.</summary>
    private static Faithfulness InRandomSubspaces(PartitionedModel model, Circuit circuit, GatedSamples samples, GatedSamples few, ValidationSettings settings, Random random, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)random.NextInt64());
        Partition[] partitions = [.. model.Partitions.Select(site => new Partition(site.Site, Rotation.Random(model.Weights.Config.DModel, generator).to(site.R.dtype, site.R.device), site.Sizes, site.Mean.clone(), site.Covariance.clone()))];
        try
        {
            var rotated = new PartitionedModel(model.Weights, partitions);
            var candidates = CircuitBuilder.Candidates(rotated);
            HashSet<CircuitEdge> chosen = new(candidates.Edges.GroupBy(edge => edge.Kind)
                .SelectMany(kind => kind.OrderByDescending(edge => edge.Scores.VarianceShare).Take(circuit.Kept.Count(edge => edge.Kind == kind.Key))), ReferenceEqualityComparer.Instance);
            using var gated = new GatedTransformer(rotated, candidates, settings.Ablation);
            return new Bench(gated, samples, few, settings, cancellation).Measure("random subspaces of the same sizes", candidates.Keep(chosen.Contains));
        }
        finally
        {
            foreach (var partition in partitions)
                partition.Dispose();
        }
    }

    /// <summary>A gated model on the samples of a validation; optimal constants are learned anew for every circuit, on the few samples.</summary>
    private sealed record Bench(GatedTransformer Model, GatedSamples Samples, GatedSamples Few, ValidationSettings Settings, CancellationToken Cancellation)
    {
        public Faithfulness Measure(string name, Circuit circuit)
        {
            using var scope = NewDisposeScope();
            var gates = Model.GatesOf(circuit);
            if (Model.Learnables.Count > 0)
                ConstantsTraining.Run(Model, gates, Few, Settings.ConstantSteps, Cancellation);
            return Faithfulness.Of(name, Model, gates, Samples, Cancellation);
        }

        public FrontierPoint Point(double at, Circuit circuit) => new(at, Measure("frontier", circuit), ComponentGraph.Edges(circuit).Count);
    }
}
