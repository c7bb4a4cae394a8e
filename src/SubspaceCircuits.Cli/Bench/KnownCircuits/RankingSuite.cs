using System.Diagnostics;
using SubspaceCircuits.Activations;
using SubspaceCircuits.Circuits;
using SubspaceCircuits.Interventions;
using SubspaceCircuits.Interventions.Attribution;
using SubspaceCircuits.Interventions.Heads;
using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.KnownCircuits.Tasks;
using SubspaceCircuits.Subspaces;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench.KnownCircuits;

/// <summary>How well one score ranks the edges of a known circuit.</summary>
internal sealed record RankingFigures(double? Auroc, double? Auprc);

/// <summary>One model.</summary>
/// <param name="Program">Its program.</param>
/// <param name="Level">How it is disguised.</param>
/// <param name="Seed">Seed of the disguise.</param>
/// <param name="True">True edges between subspaces.</param>
/// <param name="Universe">Candidates.</param>
/// <param name="Scores">By the name of the score.</param>
/// <param name="Ports">The same of edges from components to ports, the graph of EAP and ACDC.</param>
/// <param name="Seconds">Wall-clock time.</param>
internal sealed record RankingRow(string Program, string Level, int Seed, int True, int Universe, IReadOnlyDictionary<string, RankingFigures> Scores, IReadOnlyDictionary<string, RankingFigures> Ports, double Seconds);

/// <summary>Ranks the edges between the true subspaces of a known circuit by every score: ours, from weights and moments, and those that take runs of the model.</summary>
internal static class RankingSuite
{
    private const int Samples = 48, Activations = 4096, Steps = 5, MostEffects = 3000;

    /// <summary>Compiles, disguises and ranks one model.</summary>
    public static RankingRow Measure(CatalogueEntry entry, ProgramSize size, DisguiseLevel level, int seed, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        using var scope = NewDisposeScope();
        var program = entry.Build(size);
        var task = AllTasks.Find(AllTasks.NameOf(entry, size));
        using var known = DisguiseLevels.Apply(Compiler.Compile(program, DisguiseLevels.CompilerOptions(level) with { HasPad = true }), level, seed).Parts.Assemble($"{entry.Id}-{level}-seed{seed}");
        using var single = known.Weights.To(ScalarType.Float32);
        using var subspaces = new KnownSubspaces(known);
        using var activations = ActivationSet.Collect(single, task, new CollectionSettings { Rows = Activations, From = 1, To = program.MaxLength, Seed = seed }, cancellation);
        Partition[] partitions = [.. subspaces.Partitions.Select(site => WithMoments(site, activations[site.Site!.Value]))];
        var model = new PartitionedModel(single, partitions);
        // Energies need no moments and have no rounding in float64.
        var exact = CircuitBuilder.Candidates(new PartitionedModel(known.Weights, subspaces.Partitions));
        var candidates = CircuitBuilder.Candidates(model);
        var live = CircuitSelection.ByStructure(exact).Edges.Select(edge => edge.IsKept).ToArray();
        var truth = subspaces.Named(subspaces.Truth(exact));
        using var samples = new GatedSamples(single, task, PairedSamples.Draw(task, 1, program.MaxLength, Samples, new Random(seed)), cancellation);

        Dictionary<string, RankingFigures> figures = [], ports = [];
        var (isTrue, universe) = (0, 0);
        void Rank(string name, IReadOnlyList<double> scores)
        {
            var ofEdge = candidates.Edges.Zip(scores).ToDictionary(pair => pair.First, pair => pair.Second);
            var found = new CircuitRecovery(known, truth, subspaces.Named(candidates, edge => ofEdge[edge])).At(CircuitLevel.Subspace).Scores;
            figures[name] = new RankingFigures(found.Ranking.Auroc, found.Ranking.Auprc);
            (isTrue, universe) = (found.Prediction.TruePositives + found.Prediction.FalseNegatives, found.Prediction.Universe);
        }

        var all = ComponentGraph.All(single.Config).ToArray();
        var named = subspaces.Named(candidates);
        void RankPorts(string name, IEnumerable<double> scores)
        {
            var found = new CircuitRecovery(known, truth, named, all.Zip(scores).ToDictionary(pair => pair.First, pair => pair.Second)).At(CircuitLevel.Port).Scores;
            ports[name] = new RankingFigures(found.Ranking.Auroc, found.Ranking.Auprc);
        }

        double[] Of(Circuit circuit, Func<CircuitEdge, double> score) => [.. circuit.Edges.Select(score)];
        double[] Live(double[] scores) => [.. scores.Zip(live, (score, isLive) => isLive ? score : 0)];
        var energy = Of(exact, edge => edge.EnergyScore);
        var variance = Of(candidates, edge => edge.Scores.VarianceShare);
        var random = new Random(seed);
        Rank("random", Of(candidates, _ => random.NextDouble()));
        Rank("magnitude", Of(exact, edge => edge.Scores.Energy));
        Rank("A energy", energy);
        Rank("A energy, live", Live(energy));
        Rank("B variance", variance);
        Rank("B variance, live", Live(variance));
        RankPorts("random", all.Select(_ => random.NextDouble()));
        RankPorts("A composition", ComponentComposition.Of(new PartitionedModel(known.Weights, subspaces.Partitions)).Select(edge => edge.Score));
        var composition = EndToEndSuite.Composition(known.Weights, subspaces.Partitions);
        RankPorts("A composition, live", all.Select(edge => composition[edge]));
        foreach (var ablation in (Ablation[])[Ablation.Mean, Ablation.Resample])
        {
            using var components = new GatedComponents(single, ablation, ComponentNorm.Recomputed, [.. samples.InOrder], task.Vocabulary.Pad);
            using var gated = new GatedTransformer(model, candidates, ablation);
            double[] Magnitudes(double[][] rows) => [.. BootstrapStability.Means(rows).Select(Math.Abs)];
            var name = ablation.ToString().ToLowerInvariant();
            if (ablation is Ablation.Mean)
                Rank("C nats", BootstrapStability.Means(GateDerivatives.Effectiveness(gated, samples, 2, (ulong)seed, cancellation)));
            Rank($"EAP {name}", Magnitudes(GateDerivatives.OfPredictions(gated, samples, 1, cancellation)));
            Rank($"EAP-IG {name}", Magnitudes(GateDerivatives.OfPredictions(gated, samples, Steps, cancellation)));
            // A run for every edge: where there are too many, it is left out.
            if (candidates.Edges.Count <= MostEffects)
                Rank($"D effect {name}", EdgeEffects.Divergences(gated, samples, null, cancellation));
            else
                figures[$"D effect {name}"] = new RankingFigures(null, null);
            RankPorts($"EAP {name}", Magnitudes(GateDerivatives.OfPredictions(components, samples, 1, cancellation)));
            RankPorts($"EAP-IG {name}", Magnitudes(GateDerivatives.OfPredictions(components, samples, Steps, cancellation)));
            RankPorts($"exact ablation {name}", EdgeEffects.Divergences(components, samples, null, cancellation));
        }

        foreach (var partition in partitions)
            partition.Dispose();
        return new RankingRow(entry.Id, level.ToString(), seed, isTrue, universe, figures, ports, Math.Round(clock.Elapsed.TotalSeconds, 2));
    }

    private static Partition WithMoments(Partition site, Tensor activations)
    {
        using var scope = NewDisposeScope();
        var rows = activations.to(float64);
        var mean = rows.mean([0]);
        var centred = rows - mean;
        return new Partition(site.Site, site.R.clone(), site.Sizes, mean, centred.T.matmul(centred) / rows.shape[0]);
    }
}
