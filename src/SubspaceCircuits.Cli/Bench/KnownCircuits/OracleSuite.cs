using System.Diagnostics;
using SubspaceCircuits.Circuits;
using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Disguises;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench.KnownCircuits;

/// <summary>Reads circuits from weights when the true subspaces are given.</summary>
internal static class OracleSuite
{
    private const int CheckedSequences = 200;

    /// <summary>Compiles, disguises, reads and scores one model.</summary>
    public static KnownCircuitRow Measure(CatalogueEntry entry, ProgramSize size, DisguiseLevel level, int seed)
    {
        var clock = Stopwatch.StartNew();
        using var scope = NewDisposeScope();
        var program = entry.Build(size);
        using var known = DisguiseLevels.Apply(Compiler.Compile(program, DisguiseLevels.CompilerOptions(level)), level, seed).Parts.Assemble($"{entry.Id}-{level}-seed{seed}");
        var fit = ProgramCheck.Run(program, known, ProgramCheck.Samples(program, CheckedSequences, seed));
        using var subspaces = new KnownSubspaces(known);
        var candidates = CircuitBuilder.Candidates(new PartitionedModel(known.Weights, subspaces.Partitions));
        var found = CircuitSelection.ByStructure(candidates);
        var truth = subspaces.Named(subspaces.Truth(candidates));
        var scores = new CircuitRecovery(known, truth, subspaces.Named(found, edge => edge.IsKept ? edge.EnergyScore : 0));
        return KnownCircuitRow.Of(entry, level, seed, "oracle", known, fit, scores, null, clock.Elapsed.TotalSeconds).WithComposition(new CircuitRecovery(known, truth, subspaces.Named(found), EndToEndSuite.Composition(known.Weights, subspaces.Partitions)));
    }
}
