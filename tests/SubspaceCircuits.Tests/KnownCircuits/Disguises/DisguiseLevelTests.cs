using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Disguises;

namespace SubspaceCircuits.Tests.KnownCircuits.Disguises;

public class DisguiseLevelTests
{
    public static TheoryData<string> Programs() => [.. SmallPrograms.Names];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Same_seed_gives_the_same_model_and_another_seed_another(string name)
    {
        using var scope = NewDisposeScope();
        foreach (var level in Enum.GetValues<DisguiseLevel>().Where(level => level > DisguiseLevel.D0))
        {
            using KnownModel first = Made(name, level, 5), again = Made(name, level, 5), other = Made(name, level, 6);

            Assert.All(Tensors(first).Zip(Tensors(again)), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
            Assert.Equal(first.Heads.Select(head => $"{head.Role.IsInCircuit} {head.Role.RedundancyGroup} {string.Join(' ', head.Role.Moves)}"),
                again.Heads.Select(head => $"{head.Role.IsInCircuit} {head.Role.RedundancyGroup} {string.Join(' ', head.Role.Moves)}"));
            Assert.Equal(first.Neurons.SelectMany(group => group.Neurons), again.Neurons.SelectMany(group => group.Neurons));
            Assert.False(first.Weights.WE.allclose(other.Weights.WE));
        }

        static IEnumerable<Tensor> Tensors(KnownModel model) => [model.Weights.WE, model.Weights.WPos, model.Weights.WU,
            .. model.Weights.Blocks.SelectMany(block => new[] { block.Attention.WQ, block.Attention.WK, block.Attention.WV, block.Attention.WO, block.Attention.BQ, block.Attention.BK }),
            .. model.Weights.Blocks.SelectMany(block => block.Mlp is { } mlp ? new[] { mlp.WIn, mlp.BIn, mlp.WOut } : []),
            .. model.Variables.SelectMany(variable => new[] { variable.Writes, variable.Reads })];
    }

    [Fact]
    public void Disguise_that_was_applied_can_be_applied_again_from_its_seed()
    {
        using var scope = NewDisposeScope();
        var parts = Compiler.Compile(SmallPrograms.Named("hist"));
        var level = DisguiseLevels.Apply(parts, DisguiseLevel.D3, seed: 8);

        foreach (var (disguise, applied) in DisguiseLevels.Of(DisguiseLevel.D3, parts).Zip(level.Disguises, (disguise, applied) => (disguise, applied)))
        {
            Assert.Equal(disguise.ToString(), applied.Disguise);
            parts = disguise.Apply(parts, new Random(applied.Seed));
        }

        Assert.True(parts.WE.equal(level.Parts.WE).all().item<bool>());
        Assert.Equal("Encode { Share = 0.6, MaxCondition = 5 }", level.Disguises[0].Disguise);
    }

    [Fact]
    public void Seed_gives_this_model_in_every_process()
    {
        using var scope = NewDisposeScope();
        using KnownModel hist = Made("hist", DisguiseLevel.D4, 9);

        Assert.Equal(0.31418022416405056, hist.Weights.WE[0, 0].item<double>(), 1e-9); // of the first run of this code; another way to draw makes another model
        Assert.Equal(0.0059005997108796324, hist.Weights.Blocks[0].Attention.WO[1, 2, 3].item<double>(), 1e-9);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void D2_hides_the_number_of_heads_and_neurons(string name)
    {
        using var scope = NewDisposeScope();
        var parts = DisguiseLevels.Apply(Compiler.Compile(SmallPrograms.Named(name)), DisguiseLevel.D2, seed: 2).Parts;

        Assert.All(parts.Layers, layer => Assert.Equal(4, layer.Heads.Count));
        Assert.Single(parts.Layers.Select(layer => layer.Order.Count).Distinct());
        Assert.Equal(name == "induction", parts.Layers[0].Order.Count == 0);
    }

    /// <summary>
    /// Attention that looks for equal values and maps of values work with values in superposition. Counts do not (hist is at 0.01), for which a match must score
    /// exactly β; nor do means over half of all positions (frac_prevs, 0.3).
    /// </summary>
    [Theory]
    [InlineData("induction", .9)]
    [InlineData("reverse", .97)]
    [InlineData("dedup", .97)]
    public void Programs_that_compare_and_look_up_work_at_D3(string name, double least)
    {
        using var scope = NewDisposeScope();

        Assert.All(Enumerable.Range(0, 5), seed => Assert.InRange(Accuracy(SmallPrograms.Named(name), Made(name, DisguiseLevel.D3, seed)), least, 1));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void D4_is_D3_and_noise(string name)
    {
        using var scope = NewDisposeScope();
        var parts = Compiler.Compile(SmallPrograms.Named(name), DisguiseLevels.CompilerOptions(DisguiseLevel.D4));
        var (quiet, noisy) = (DisguiseLevels.Apply(parts, DisguiseLevel.D3, 1).Parts, DisguiseLevels.Apply(parts, DisguiseLevel.D4, 1).Parts);

        var share = (noisy.WU - quiet.WU).square().mean().div(quiet.WU.square().mean()).sqrt().item<double>();

        Assert.InRange(share, .007, .013);
        Assert.True(SmallPrograms.Activations(SmallPrograms.Named(name), noisy.Assemble(name)).All(logits => logits.isfinite().all().item<bool>()));
    }

    private static KnownModel Made(string name, DisguiseLevel level, int seed) =>
        DisguiseLevels.Apply(Compiler.Compile(SmallPrograms.Named(name), DisguiseLevels.CompilerOptions(level)), level, seed).Parts.Assemble(name);

    /// <summary>Share of positions and outputs where the logits say what the program says.</summary>
    private static double Accuracy(KnownProgram program, KnownModel model)
    {
        var sequences = SmallPrograms.Sequences(program);
        var fit = ProgramCheck.Run(program, model, sequences);
        return 1 - ((double)fit.WrongOutputs / (sequences.Sum(sequence => sequence.Count) * program.Outputs.Count));
    }
}
