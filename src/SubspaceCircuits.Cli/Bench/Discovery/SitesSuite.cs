using System.Diagnostics;
using SubspaceCircuits.Activations;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Discovery;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench.Discovery;

/// <summary>Partitions of a model's sites: what each subspace holds of the variables that are known, beside random subspaces of the same size.</summary>
internal static class SitesSuite
{
    private const int DecodedRows = 8000, RandomSubspaces = 3;

    /// <summary>A subspace at a site.</summary>
    /// <param name="Size">Dimensions.</param>
    /// <param name="Variance">Share of the site's variance.</param>
    /// <param name="IsLoose">Whether it has no structure; null where that was not asked.</param>
    /// <param name="Stability">Overlap with what is found on halves of the activations, or null.</param>
    /// <param name="Verdict">The same in a word, or null.</param>
    /// <param name="Captured">Of each variable: which share of its additive variance lies here.</param>
    /// <param name="Decoded">Of each variable: nearest-neighbour accuracy here.</param>
    /// <param name="DecodedInRandom">The same in random subspaces of the same size, mean of three.</param>
    internal sealed record Held(int Size, double Variance, bool? IsLoose, double? Stability, StabilityVerdict? Verdict, IReadOnlyDictionary<string, double> Captured,
        IReadOnlyDictionary<string, double> Decoded, IReadOnlyDictionary<string, double> DecodedInRandom);

    /// <summary>A site with one strategy and seed.</summary>
    /// <param name="Model">Model.</param>
    /// <param name="Site">Site.</param>
    /// <param name="DModel">Directions.</param>
    /// <param name="Strategy">discover or merge.</param>
    /// <param name="Seed">Seed of activations and search.</param>
    /// <param name="Outcome">What was found in a word; null for merge.</param>
    /// <param name="Share">q of the best cut of all directions, or null.</param>
    /// <param name="Limit">q below which it would be made, or null.</param>
    /// <param name="Shares">Share of all variance that each variable explains by itself.</param>
    /// <param name="Subspaces">What was found.</param>
    /// <param name="SetAside">Activations that were not used.</param>
    /// <param name="Seconds">Wall-clock time of the search.</param>
    internal sealed record Row(string Model, string Site, int DModel, string Strategy, int Seed, DiscoveryOutcome? Outcome, double? Share, double? Limit, IReadOnlyDictionary<string, double> Shares,
        IReadOnlyList<Held> Subspaces, long SetAside, double Seconds);

    /// <summary>Partitions one site and looks at what its subspaces hold.</summary>
    public static Row Measure(string model, Site site, ActivationSet activations, string strategy, int seed, int replicates, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var rows = activations[site];
        var clock = Stopwatch.StartNew();
        using var result = strategy == "merge" ? Merge(rows, site, seed, cancellation)
            : PartitionSearch.Discover(rows, site, new DiscoverySettings { Seed = seed, Replicates = replicates }, null, cancellation);
        var seconds = clock.Elapsed.TotalSeconds;
        string[] names = [.. activations.Variables.Keys.Where(name => name != "prediction")];
        using var additive = new AdditiveVariance(rows, names.ToDictionary(name => name, name => activations.Variables[name]));
        using var generator = new Generator((ulong)seed);
        var partition = result.Partition;
        var variances = partition.Variances();
        var bases = partition.R.split([.. partition.Sizes.Select(size => (long)size)], dim: 1);
        Held[] held = [.. bases.Select((basis, index) => Of(index, basis))];
        var tree = result.Discovery?.Tree;
        return new Row(model, site.ToString(), (int)rows.shape[1], strategy, seed, result.Discovery?.Outcome, tree?.Best?.Dependence.Share, tree is null || double.IsNaN(tree.Limit) ? null : tree.Limit,
            additive.Shares.ToDictionary(pair => pair.Key, pair => Math.Round(pair.Value, 4)), held, result.Discovery?.SetAside ?? 0, Math.Round(seconds, 2));

        Held Of(int index, Tensor basis)
        {
            var found = result.Discovery?.Subspaces[index];
            var count = (int)Math.Min(DecodedRows, rows.shape[0]);
            double Decoded(Tensor directions, string name) => NeighborDecoding.Accuracy(rows.narrow(0, 0, count).to(float32).matmul(directions), activations.Variables[name][..count]);
            Tensor[] random = [.. Enumerable.Range(0, RandomSubspaces).Select(_ => Rotation.Random((int)rows.shape[1], generator).narrow(1, 0, basis.shape[1]))];
            Dictionary<string, double> ByName(Func<string, double> of) => names.ToDictionary(name => name, name => Math.Round(of(name), 4));
            return new Held((int)basis.shape[1], Math.Round(variances[index] / variances.Sum(), 4), found?.IsLoose, found?.Stability is { } stability ? Math.Round(stability.Overlap, 4) : null, found?.Stability?.Verdict,
                ByName(name => additive.Captured(name, basis)), ByName(name => Decoded(basis, name)), ByName(name => random.Average(directions => Decoded(directions, name))));
        }
    }

    /// <summary>The published method with its defaults but for two: units are a quarter of d_model where that is less than 32, and keys are one block of at most 8,192.</summary>
    private static PartitionResult Merge(Tensor rows, Site site, int seed, CancellationToken cancellation) =>
        PartitionSearch.Run(rows, site, PartitionStrategy.Merge(0, seed, new PartitionSettings
        {
            UnitSize = (int)Math.Min(32, rows.shape[1] / 4),
            BlockLength = (int)Math.Min(8192, rows.shape[0] / 2),
            SearchBlocks = 1,
            InformationBlocks = 1,
            MaxSteps = 20_000,
        }), null, cancellation);
}
