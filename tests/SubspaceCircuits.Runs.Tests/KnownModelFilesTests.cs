using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Circuits;
using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests;

public sealed class KnownModelFilesTests
{
    // Weights rounded to single precision, seven programs at D2 with four seeds each: what should be zero has at most 4e-12 of the greatest energy of its
    // component (this is 6e-8 squared, through bases of condition 10), what should not at least 3e-5. Between both.
    private const double SingleTolerance = 1e-8;

    [Theory]
    [InlineData("induction")]
    [InlineData("frac_prevs")]
    [InlineData("sort_unique")]
    [InlineData("induction+hist+first_token")]
    public void Model_and_truth_read_back_and_still_fit(string id)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var program = ProgramCatalogue.Find(id).Build(ProgramCatalogue.Find(id).Tested);
        using var known = Compiler.Compile(program).Assemble(id);
        ModelFolder.Write(folder["model"], known.Weights);
        using var model = ModelFolder.Read(folder["model"]);
        var written = KnownModelFiles.Write(folder["truth"], known, program, new KnownModelOrigin(7, 100, []), model.Sha256);

        var (read, document) = KnownModelFiles.Read(folder["truth", "truth.json"], model.Weights);

        Assert.True(Json.Same(written, document));
        Assert.Equal(KnownEdge.Of(known), KnownEdge.Of(read));
        Assert.Equal(known.Neurons.SelectMany(group => group.Neurons), read.Neurons.SelectMany(group => group.Neurons));
        foreach (var (one, other) in known.Variables.Zip(read.Variables))
        {
            Assert.True(one.Writes.equal(other.Writes).all().item<bool>());
            Assert.True(one.Reads.equal(other.Reads).all().item<bool>());
        }

        // Variables of a file have the names of their values only, so the program is compared with the variables it was compiled with.
        var fit = ProgramCheck.Run(program, known with { Weights = model.Weights }, ProgramCheck.Samples(program, 200, seed: 1));
        Assert.Equal(0, fit.WrongOutputs);
        Assert.InRange(fit.BlockError, 0, 1e-3);
        using var subspaces = new KnownSubspaces(read);
        var candidates = CircuitBuilder.Candidates(new PartitionedModel(model.Weights, subspaces.Partitions));
        Assert.Equal(subspaces.Truth(candidates).Kept, CircuitSelection.ByStructure(candidates).Kept);
        using var tensors = Safetensors.Read(folder["truth", "truth.safetensors"]);
        foreach (var variable in document.Variables.Where(variable => variable.Writing!.ActiveBasis is not null))
        {
            var active = tensors.Take(variable.Writing!.ActiveBasis!, document.DModel, variable.Writing.ActiveDims);
            Assert.InRange((active.T.matmul(active) - eye(variable.Writing.ActiveDims, dtype: float64)).abs().max().item<double>(), 0, 1e-9);
        }
    }

    [Theory]
    [InlineData("hist")]
    [InlineData("reverse")]
    public void Disguised_model_reads_back_in_single_precision_and_still_fits(string id)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var program = ProgramCatalogue.Find(id).Build(ProgramCatalogue.Find(id).Tested);
        var disguised = DisguiseLevels.Apply(Compiler.Compile(program), DisguiseLevel.D2, seed: 2);
        using var known = disguised.Parts.Assemble(id);
        ModelFolder.Write(folder["model"], known.Weights);
        using var model = ModelFolder.Read(folder["model"]);
        KnownModelFiles.Write(folder["truth"], known, program, new KnownModelOrigin(2, 100, [.. disguised.Disguises.Select(applied => applied.Disguise)]), model.Sha256);

        var (read, _) = KnownModelFiles.Read(folder["truth", "truth.json"], model.Weights);

        var fit = ProgramCheck.Run(program, known with { Weights = model.Weights }, ProgramCheck.Samples(program, 200, seed: 1));
        Assert.Equal(ScalarType.Float32, model.Weights.WE.dtype);
        Assert.Equal((200, 0), (fit.Sequences, fit.WrongOutputs));
        Assert.InRange(fit.BlockError, 0, 1e-3);
        using var subspaces = new KnownSubspaces(read);
        var candidates = CircuitBuilder.Candidates(new PartitionedModel(model.Weights, subspaces.Partitions));
        Assert.Equal(subspaces.Truth(candidates).Kept, CircuitSelection.ByStructure(candidates, SingleTolerance).Kept);
    }

    [Fact]
    public void Truth_of_induction_says_what_is_known()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var program = ProgramCatalogue.Find("induction").Build(ProgramCatalogue.Find("induction").Tested);
        using var known = Compiler.Compile(program).Assemble("induction");

        var truth = KnownModelFiles.Write(folder["truth"], known, program, new KnownModelOrigin(7, 100, []), "");

        TruthVariable Variable(string id) => truth.Variables.Single(variable => variable.Id == id);
        Assert.Equal((8, 7, "x0.pre", "x0.post"), (Variable("tokens").Dims, Variable("tokens").Writing!.ActiveDims, Variable("tokens").Writing!.Site, Variable("tokens").Writing!.DeadAfterSite));
        Assert.Equal((16, 15, "x0.pre"), (Variable("indices").Dims, Variable("indices").Writing!.ActiveDims, Variable("indices").Writing!.DeadAfterSite));
        Assert.Equal((8, 8, "a0.0"), (Variable("prev_tok").Dims, Variable("prev_tok").Writing!.ActiveDims, Variable("prev_tok").Writing!.WrittenBy.Single()));
        Assert.Null(Variable("pred").Writing!.DeadAfterSite);
        TruthEdge Qk(string via) => truth.Edges!.Subspace.Single(edge => edge.Kind is EdgeKind.Qk && edge.Via == via && !edge.IsAuxiliary);
        Assert.Equal((true, false, false), (Qk("a0.0").Structural, Qk("a0.0").Causal, Qk("a0.0").CausalVarLen));
        Assert.Equal(("tokens", "prev_tok", true), (Qk("a1.0").Query, Qk("a1.0").Key, Qk("a1.0").Causal));
        Assert.Contains(new TruthComponentEdge("a0.0", "a1.0", "k", true, true, true), truth.Edges!.Component);
        Assert.Contains(new TruthComponentEdge("pos", "a0.0", "q", true, false, false), truth.Edges!.Component);
        Assert.Equal(5, truth.DependenceAt!["x1.post"].Order.Count + 1);
    }

    [Fact]
    public void Truth_of_something_else_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var one = Compiler.Compile(ProgramCatalogue.Find("hist").Build(ProgramCatalogue.Find("hist").Tested)).Assemble("hist");
        var program = ProgramCatalogue.Find("induction").Build(ProgramCatalogue.Find("induction").Tested);
        using var other = Compiler.Compile(program).Assemble("induction");
        KnownModelFiles.Write(folder["truth"], other, program, new KnownModelOrigin(0, 100, []), "");

        Assert.Contains("is about a model of 2 layers", Assert.Throws<CheckpointException>(() => KnownModelFiles.Read(folder["truth", "truth.json"], one.Weights)).Message);
    }
}
