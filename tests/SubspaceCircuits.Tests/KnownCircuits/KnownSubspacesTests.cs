using SubspaceCircuits.Circuits;
using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Compiling;

namespace SubspaceCircuits.Tests.KnownCircuits;

public class KnownSubspacesTests
{
    public static TheoryData<string> Programs() => [.. ProgramCatalogue.All.Select(entry => entry.Id)];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Circuit_read_from_the_weights_is_the_true_one(string id)
    {
        var entry = ProgramCatalogue.Find(id);
        using var scope = NewDisposeScope();
        using var model = Compiler.Compile(entry.Build(entry.Tested)).Assemble(id);
        using var known = new KnownSubspaces(model);

        var candidates = CircuitBuilder.Candidates(new PartitionedModel(model.Weights, known.Partitions));

        var truth = known.Truth(candidates);
        Assert.Equal(truth.Kept.Select(known.Named(candidates).Named), CircuitSelection.ByStructure(candidates).Kept.Select(known.Named(candidates).Named));
        Assert.Contains(truth.Kept, edge => edge.Kind is EdgeKind.Unembed);
        var found = CircuitSelection.ByStructure(candidates);
        Assert.All(new CircuitRecovery(model, known.Named(truth), known.Named(found)).All(), level => Assert.Equal((0, 1.0), (level.Scores.Prediction.Shd, level.Scores.Prediction.F1)));
        Assert.Equal(ComponentGraph.CountAll(model.Weights.Config), ComponentGraph.All(model.Weights.Config).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Every_block_holds_its_value_at_every_site(string id)
    {
        var entry = ProgramCatalogue.Find(id);
        var program = entry.Build(entry.Tested);
        using var scope = NewDisposeScope();
        using var model = Compiler.Compile(program).Assemble(id);
        var sequences = (program.Sampler is null ? ProgramCheck.AllSequences(program, 1500) : null) ?? ProgramCheck.Samples(program, 375, seed: 1);

        var fit = ProgramCheck.Run(program, model, sequences);

        Assert.Equal((sequences.Count, 0), (fit.Sequences, fit.WrongOutputs));
        Assert.InRange(fit.BlockError, 0, 1e-6);
    }
}
