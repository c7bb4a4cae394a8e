using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.Tests.KnownCircuits.Disguises;

/// <summary>What is exact changes no logit, and what is known of the model stays true.</summary>
public class DisguiseTests
{
    private const double LogitTolerance = 1e-9; // scores of 100 √d_head in double precision, through bases of condition 10
    private const double BlockTolerance = 1e-6;

    private static readonly IDisguise Room = new AddDistractorDimensions { Count = 3 };

    private static readonly Dictionary<string, IDisguise[]> Exact = new IDisguise[][]
    {
        [new Rotate()], [new MakeOblique()], [new GaugeHeads()], [new PermuteHeads()], [new PermuteNeurons()], [new ScaleNeurons()], [Room], [Room, new AddDistractorHeads { PerLayer = 2 }],
        [Room, new AddDistractorNeurons()], [new AddDormantHeads { PerLayer = 3 }], [new AddInvisibleWrites { Count = 2 }], [new ShareHeads()], [new SplitHeads { Count = 2 }], [new CancelHeads { Count = 2 }],
        [Room, new PadHeads()], [new Encode(1)], [new Encode(1.5)], [new Compress { Share = 1 }],
    }.ToDictionary(disguises => $"{disguises[^1]}");

    public static TheoryData<string, string> Cases() => [.. from program in SmallPrograms.Names from disguise in Exact.Keys select (program, disguise)];

    public static TheoryData<string, int> Seeds() => [.. from program in SmallPrograms.Names from seed in Enumerable.Range(0, 10) select (program, seed)];

    public static TheoryData<string> Programs() => [.. SmallPrograms.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Exact_disguise_changes_no_logit_and_no_truth(string name, string disguise)
    {
        using var scope = NewDisposeScope();

        IsStillExact(SmallPrograms.Named(name), parts => Composition.Apply(parts, Exact[disguise], seed: 1).Parts);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Exact_disguises_compose_in_any_order(string name, int seed)
    {
        using var scope = NewDisposeScope();
        var random = new Random(seed);
        var disguises = Exact.Values.Select(disguise => disguise[^1]).ToArray();
        random.Shuffle(disguises);
        // The room that distractors need comes first of all or right before them.
        var first = Array.FindIndex(disguises, disguise => disguise is AddDistractorHeads or AddDistractorNeurons or PadHeads);
        var list = disguises.Except([Room]).ToList();
        list.Insert(Math.Min(random.Next(first + 1), list.FindIndex(disguise => disguise is AddDistractorHeads or AddDistractorNeurons or PadHeads)), Room);

        IsStillExact(SmallPrograms.Named(name), parts => Composition.Apply(parts, list, seed).Parts);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Levels_up_to_D2_are_exact(string name, int seed)
    {
        using var scope = NewDisposeScope();
        foreach (var level in new[] { DisguiseLevel.D0, DisguiseLevel.D1, DisguiseLevel.D2 })
            IsStillExact(SmallPrograms.Named(name), parts => DisguiseLevels.Apply(parts, level, seed).Parts);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Every_part_reads_and_writes_every_coordinate_after_rotation(string name)
    {
        using var scope = NewDisposeScope();
        var parts = DisguiseLevels.Apply(Compiler.Compile(SmallPrograms.Named(name)), DisguiseLevel.D1, seed: 3).Parts;

        var (heads, neurons) = (parts.Layers.SelectMany(layer => layer.Heads), parts.Layers.SelectMany(layer => layer.Neurons));
        Tensor[] readers = [.. heads.SelectMany(head => new[] { head.WQ, head.WK, head.WV }), .. neurons.Select(part => part.WIn), parts.WU]; // [d_model, _]
        Tensor[] writers = [.. heads.Select(head => head.WO), .. neurons.Select(part => part.WOut), parts.WE]; // [_, d_model]

        Assert.All(readers.Concat(writers.Select(writer => writer.T)), matrix => Assert.True(matrix.abs().amax([1]).min().item<double>() > 0));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Neurons_of_a_group_write_its_variable_and_no_others_do(string name)
    {
        using var scope = NewDisposeScope();
        var program = SmallPrograms.Named(name);
        using var model = DisguiseLevels.Apply(Compiler.Compile(program), DisguiseLevel.D2, seed: 4).Parts.Assemble(name);

        foreach (var group in model.Neurons.Where(group => group.Role.Writes is not null))
        {
            var wOut = model.Weights.Blocks[group.Layer].Mlp!.WOut;
            var before = program.Variables.Select(node => Largest(program, model, model[program.Names[node]], group.Layer)).ToArray();
            var kept = wOut.clone();
            wOut.index_fill_(0, tensor([.. group.Neurons.Select(neuron => (long)neuron)], dtype: int64), 0);
            var after = program.Variables.Select(node => Largest(program, model, model[program.Names[node]], group.Layer)).ToArray();
            wOut.copy_(kept);

            Assert.All(program.Variables.Select(node => program.Names[node]).Zip(before, after), one =>
                Assert.Equal(one.First == group.Role.Writes ? 0 : one.Second, one.Third, BlockTolerance));
        }

        static double Largest(KnownProgram program, KnownModel model, KnownVariable variable, int layer)
        {
            using var noGrad = no_grad();
            var site = new Site(layer, SiteKind.Post).HookPoint;
            return SmallPrograms.Sequences(program).GroupBy(sequence => sequence.Count).Max(group =>
            {
                using var hooks = new Hooks(site);
                Transformer.Forward(model.Weights, tensor(group.SelectMany(program.TokenIds).ToArray(), [group.Count(), group.Key + 1]), hooks: hooks);
                return hooks[site].matmul(variable.Reads).abs().max().item<double>();
            });
        }
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Padding_tokens_change_nothing_at_D2(string name)
    {
        using var scope = NewDisposeScope();
        var program = SmallPrograms.Named(name);
        using var model = DisguiseLevels.Apply(Compiler.Compile(program, new CompilerOptions { HasPad = true }), DisguiseLevel.D2, seed: 6).Parts.Assemble(name);

        var fit = ProgramCheck.Run(program, model, SmallPrograms.Sequences(program), padding: 2);

        Assert.Equal(0, fit.WrongOutputs);
        Assert.InRange(fit.BlockError, 0, BlockTolerance);
    }

    private static void IsStillExact(KnownProgram program, Func<ModelParts, ModelParts> disguise)
    {
        var compiled = Compiler.Compile(program);
        using var plain = compiled.Assemble("plain");
        using var disguised = disguise(compiled).Assemble("disguised");

        var fit = ProgramCheck.Run(program, disguised, SmallPrograms.Sequences(program));

        Assert.Equal(0, fit.WrongOutputs);
        Assert.InRange(fit.BlockError, 0, BlockTolerance);
        Assert.InRange(SmallPrograms.Difference(program, plain, disguised), 0, LogitTolerance);
        foreach (var variable in disguised.Variables)
            Assert.InRange((variable.Writes.matmul(variable.Reads) - eye(variable.Writes.shape[0], dtype: float64)).abs().max().item<double>(), 0, 1e-10);
    }
}
