using System.Diagnostics;
using SubspaceCircuits.Activations;
using SubspaceCircuits.Circuits;
using SubspaceCircuits.Interventions.Pruning;
using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.KnownCircuits.Tasks;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Discovery;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench.KnownCircuits;

/// <summary>Finds subspaces without the truth, reads the circuit between them, and compares both.</summary>
internal static class EndToEndSuite
{
    private const int CheckedSequences = 200, Activations = 8192;
    private const double Coverage = .9, Rounding = 1e-12;

    /// <summary>Compiles, disguises, partitions, reads and scores one model.</summary>
    public static KnownCircuitRow Measure(CatalogueEntry entry, ProgramSize size, DisguiseLevel level, int seed, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        using var scope = NewDisposeScope();
        var program = entry.Build(size);
        var task = AllTasks.Find(AllTasks.NameOf(entry, size));
        var options = DisguiseLevels.CompilerOptions(level) with { HasPad = true };
        using var known = DisguiseLevels.Apply(Compiler.Compile(program, options), level, seed).Parts.Assemble($"{entry.Id}-{level}-seed{seed}");
        var fit = ProgramCheck.Run(program, known, ProgramCheck.Samples(program, CheckedSequences, seed));

        using var single = known.Weights.To(ScalarType.Float32);
        using var activations = ActivationSet.Collect(single, task, new CollectionSettings { Rows = Activations, From = 1, To = program.MaxLength, Seed = seed }, cancellation);
        Partition[] partitions = [.. Site.All(single.Config).Select(site =>
        {
            using var result = PartitionSearch.Discover(activations[site], site, new DiscoverySettings { Seed = seed }, null, cancellation);
            return new Partition(site, result.Partition.R.clone(), result.Partition.Sizes, result.Partition.Mean.clone(), result.Partition.Covariance.clone());
        })];
        var statistics = new VariableStatistics(program);
        var found = new FoundSubspaces(known, partitions, Active, site => statistics.Groups([.. known.At(site).Select(variable => variable.Id).Where(statistics.Has)]), seed);
        var model = new PartitionedModel(single, partitions);
        var circuit = CircuitSelection.ByCoverage(CircuitBuilder.Candidates(model), Coverage);

        using var subspaces = new KnownSubspaces(known);
        var truth = subspaces.Named(subspaces.Truth(CircuitBuilder.Candidates(new PartitionedModel(known.Weights, subspaces.Partitions))));
        double Mean(Func<SiteRecovery, double?> of) => found.Sites.Average(site => of(site) ?? 1);
        var composed = new CircuitRecovery(known, truth, found.Named(circuit), Composition(known.Weights, partitions));
        return KnownCircuitRow.Of(entry, level, seed, "end-to-end", known, fit, new CircuitRecovery(known, truth, found.Named(circuit)),
            new SubspaceRow(Mean(site => site.Variables.AdjustedSrs), Mean(site => site.Groups.AdjustedSrs)), clock.Elapsed.TotalSeconds).WithComposition(composed);

        Tensor? Active(KnownVariable variable)
        {
            var basis = statistics.Has(variable.Id) ? statistics.ActiveBasis(variable) : variable.Basis();
            return basis.shape[1] > 0 ? basis : null;
        }
    }

    /// <summary>Composition of components, summed over the subspaces that were found; 0 for what is on no way from input to output.</summary>
    internal static IReadOnlyDictionary<(string, string), double> Composition(Weights weights, IEnumerable<Partition> partitions)
    {
        var edges = ComponentComposition.Of(new PartitionedModel(weights, partitions));
        var connected = ConnectedComponents.WithoutDangling(weights.Config, [.. edges.Select(edge => edge.Score > Rounding)]);
        return edges.Zip(connected).ToDictionary(pair => (pair.First.Source, pair.First.Reader), pair => pair.Second ? pair.First.Score : 0);
    }
}
