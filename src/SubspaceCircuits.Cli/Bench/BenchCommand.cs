using System.CommandLine;
using SubspaceCircuits.Cli.Bench.Discovery;
using SubspaceCircuits.Cli.Bench.KnownCircuits;
using SubspaceCircuits.Cli.Bench.RealCircuits;

namespace SubspaceCircuits.Cli.Bench;

/// <summary><c>bench SUITE</c>: measures against numbers that are known. One file for each suite.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "Measure against numbers that are known.")
    {
        BenchPartitionSpeed.Create(),
        BenchCopyTransformer.Create(),
        BenchDiscovery.Create(),
        BenchKnownCircuits.Create(),
        BenchEdgeRanking.Create(),
        BenchHeadPairs.Create(),
        BenchTraining.Create(),
        BenchRealModels.Create(),
        BenchRealCircuits.Create(),
        BenchRecipes.Create(),
        BenchSites.Create(),
        BenchCircuitCost.Create(),
    };
}
