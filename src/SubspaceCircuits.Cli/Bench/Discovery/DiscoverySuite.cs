using System.Diagnostics;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Discovery;
using SubspaceCircuits.Subspaces.Synthetic;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench.Discovery;

/// <summary>Subspaces that a strategy found.</summary>
/// <param name="Rotation">Columns grouped by subspace. [d_model, d_model]</param>
/// <param name="Sizes">Columns of each.</param>
/// <param name="SetAside">Rows that were not used.</param>
internal sealed record Found(Tensor Rotation, IReadOnlyList<int> Sizes, long SetAside);

/// <summary>Runs strategies on activations whose subspaces are known.</summary>
internal static class DiscoverySuite
{
    /// <summary>Least overlap of a subspace with the true one that counts as found.</summary>
    public const double LeastOverlap = 0.9;

    /// <summary>One run.</summary>
    /// <param name="Setting">Name of the activations.</param>
    /// <param name="Seed">Seed of the activations and of the search.</param>
    /// <param name="Strategy">Name of the strategy.</param>
    /// <param name="DModel">Directions.</param>
    /// <param name="Rows">Rows.</param>
    /// <param name="TrueCount">True number of subspaces; directions without structure are one.</param>
    /// <param name="Count">Number that was found.</param>
    /// <param name="Sizes">What was found, largest first.</param>
    /// <param name="MeanOverlap">Mean over the true subspaces of the overlap with the most similar one found.</param>
    /// <param name="LeastOverlap">The least of these.</param>
    /// <param name="IsRight">Whether the number is right and every overlap above .9.</param>
    /// <param name="SetAside">Rows that were not used.</param>
    /// <param name="Seconds">Wall-clock time.</param>
    internal sealed record Row(string Setting, int Seed, string Strategy, int DModel, int Rows, int TrueCount, int Count, string Sizes, double MeanOverlap, double LeastOverlap, bool IsRight, long SetAside, double Seconds);

    /// <summary>The strategies, by name.</summary>
    public static IReadOnlyDictionary<string, Func<SyntheticActivations, int, CancellationToken, Found>> Strategies { get; } = new Dictionary<string, Func<SyntheticActivations, int, CancellationToken, Found>>
    {
        ["discover"] = (data, seed, cancellation) =>
        {
            var found = SubspaceDiscovery.Run(data.Rows, new DiscoverySettings { Seed = seed }, null, cancellation);
            return new Found(found.Rotation, [.. found.Subspaces.Select(subspace => subspace.Size)], found.SetAside);
        },
        ["merge"] = (data, seed, cancellation) => Merge(data, 0, seed, cancellation),
        ["stop-at"] = (data, seed, cancellation) => Merge(data, data.Subspaces().Count, seed, cancellation),
    };

    /// <summary>Runs one strategy on one case.</summary>
    public static Row Measure(SyntheticCase one, int seed, string strategy, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var data = SyntheticActivations.Make(one.Settings with { Seed = seed });
        var clock = Stopwatch.StartNew();
        var found = Strategies[strategy](data, seed, cancellation);
        var seconds = clock.Elapsed.TotalSeconds;
        var truth = data.Subspaces();
        var parts = found.Rotation.split([.. found.Sizes.Select(size => (long)size)], dim: 1);
        double[] overlaps = [.. truth.Select(basis => parts.Max(part => SubspaceOverlap.Of(basis, part)))];
        return new Row(one.Name, seed, strategy, one.Settings.DModel, one.Settings.Rows, truth.Count, parts.Length, string.Join(' ', found.Sizes.OrderDescending()), Math.Round(overlaps.Average(), 5),
            Math.Round(overlaps.Min(), 5), parts.Length == truth.Count && overlaps.Min() > LeastOverlap, found.SetAside, Math.Round(seconds, 2));
    }

    /// <summary>The published method: units of 2 that merge by mutual information. The rate is three times the published one with a third of its steps.</summary>
    private static Found Merge(SyntheticActivations data, int stopAt, int seed, CancellationToken cancellation)
    {
        const int Units = 2, First = 3000, Interval = 1500, Checks = 12;
        var strategy = PartitionStrategy.Merge(stopAt, seed, new PartitionSettings
        {
            UnitSize = Units,
            BlockLength = (int)Math.Min(4096, data.Rows.shape[0] / 2),
            SearchBlocks = 1,
            LearningRate = 1e-3,
            MergeStart = First,
            MergeInterval = Interval,
            MaxSteps = First + Checks * Interval,
            InformationBatches = 16,
            InformationBlocks = 1,
        });
        using var result = PartitionSearch.Run(data.Rows, null, strategy, null, cancellation);
        return new Found(result.Partition.R.alias().DetachFromDisposeScope(), result.Partition.Sizes, 0);
    }
}
