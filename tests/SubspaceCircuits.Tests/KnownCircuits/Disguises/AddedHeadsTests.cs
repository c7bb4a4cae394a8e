using SubspaceCircuits.Circuits;
using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.KnownCircuits.Rasp;

namespace SubspaceCircuits.Tests.KnownCircuits.Disguises;

/// <summary>What becomes of a model when a head that a disguise added falls silent.</summary>
public class AddedHeadsTests
{
    private const double Exact = 1e-9;

    private static readonly IDisguise[] Doubling = [new ShareHeads { Count = 2 }, new SplitHeads { Count = 2 }, new CancelHeads { Count = 2 }];

    public static TheoryData<string, int> Doublings() => [.. from program in SmallPrograms.Names from at in Enumerable.Range(0, Doubling.Length) select (program, at)];

    public static TheoryData<string> Programs() => [.. SmallPrograms.Names];

    [Theory]
    [MemberData(nameof(Doublings))]
    public void Redundant_heads_are_pairs_of_which_both_are_active(string name, int at)
    {
        using var scope = NewDisposeScope();
        var (program, parts) = Made(name, Doubling[at]);
        var heads = parts.Layers.SelectMany(layer => layer.Heads).Where(head => head.Role.RedundancyGroup is not null).ToArray();

        Assert.NotEmpty(heads);
        foreach (var pair in heads.GroupBy(head => head.Role.RedundancyGroup))
        {
            Assert.Equal(2, pair.Count());
            Assert.Equal(pair.First().Role, pair.Last().Role);
            Assert.True(pair.First().WQ.equal(pair.Last().WQ).all().item<bool>() && pair.First().WK.equal(pair.Last().WK).all().item<bool>());
            Assert.Matches($@"^a\d\.{string.Join('|', pair.First().Role.Moves.Select(move => move.To.Replace(".", @"\.")))}", pair.Key!);
            // Attention that looks for what they write may not miss a share of it; the logits do.
            Assert.All(pair, head => Assert.True(SmallPrograms.Difference(program, parts.Assemble("all"), Without(parts, head), inStream: head.Role.Moves.All(move => !parts.Outputs.Contains(move.To))) > .05));
        }
    }

    [Fact]
    public void Subspaces_of_a_split_head_share_no_direction()
    {
        using var scope = NewDisposeScope();
        var (_, parts) = Made("induction", new SplitHeads { Count = 2 });

        foreach (var pair in parts.Layers.SelectMany(layer => layer.Heads).GroupBy(head => head.Role.RedundancyGroup))
        {
            Assert.Equal(5, pair.Sum(head => linalg.matrix_rank(head.WO).item<long>()));
            Assert.InRange(pair.First().WO.matmul(pair.Last().WO.T).abs().max().item<double>(), 0, 1e-12);
        }
    }

    [Fact]
    public void Parts_of_a_split_head_move_every_variable_of_it_everywhere()
    {
        var (tokens, indices) = (new Tokens(), new Indices());
        var program = new KnownProgram("two", [Program.ShiftBy("token", tokens, indices, 1), Program.ShiftBy("index", indices, indices, 1)], ["a", "b", "c"], 4, IsCausal: true);
        using var scope = NewDisposeScope();
        using var model = Composition.Apply(Compiler.Compile(program, new CompilerOptions { SharesSelectors = true }), [new SplitHeads()], seed: 1).Parts.Assemble("two");
        using var known = new KnownSubspaces(model);

        var candidates = CircuitBuilder.Candidates(new PartitionedModel(model.Weights, known.Partitions));

        Assert.All(model.Heads, head => Assert.Equal([new Move("tokens", "token"), new Move("tokens", "index"), new Move("indices", "token"), new Move("indices", "index")], head.Role.Moves));
        Assert.Equal(known.Truth(candidates).Kept, CircuitSelection.ByStructure(candidates).Kept);
        Assert.Equal(0, ProgramCheck.Run(program, model, ProgramCheck.AllSequences(program, 1000)!).WrongOutputs);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Cancelling_heads_both_write_where_their_sum_writes_nothing(string name)
    {
        using var scope = NewDisposeScope();
        var (program, parts) = Made(name, new CancelHeads());
        var pair = parts.Layers.SelectMany(layer => layer.Heads).Where(head => head.Role.RedundancyGroup is not null).ToArray();

        var target = parts.Variables.Single(variable => variable.Id == pair[0].Role.Moves[^1].To);

        Assert.All(pair, head => Assert.True(head.WO.matmul(target.Reads).abs().max().item<double>() > .01));
        Assert.InRange((pair[0].WO + pair[1].WO).matmul(target.Reads).abs().max().item<double>(), 0, Exact);
        Assert.Contains(program.Variables, node => program.Names[node] == target.Id || $"{program.Names[node]}.scratch" == target.Id);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Dormant_heads_write_nothing(string name)
    {
        using var scope = NewDisposeScope();
        var (program, parts) = Made(name, new AddDistractorDimensions(), new AddDormantHeads { PerLayer = 8 });
        using var model = parts.Assemble(name);

        Assert.All(Added(parts), head => Assert.InRange(SmallPrograms.Difference(program, model, Without(parts, head), inStream: true), 0, Exact));
        Assert.Contains(Added(parts), head => head.WO.abs().max().item<double>() == 0);
        Assert.Contains(Added(parts), head => head.WO.abs().max().item<double>() > 0);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Distractors_write_what_varies_and_no_logit_sees(string name)
    {
        using var scope = NewDisposeScope();
        var (program, parts) = Made(name, new AddDistractorDimensions(), new AddDistractorHeads { PerLayer = 2 }, new AddDistractorNeurons(), new AddInvisibleWrites());
        var all = parts.Assemble(name);
        KnownModel[] without =
        [
            .. Added(parts).Select(head => Without(parts, head)),
            .. parts.Layers.Select((_, layer) => (parts with { Layers = [.. parts.Layers.Select((one, at) => at != layer ? one
                : one with { Neurons = [.. one.Neurons.Select(part => part.Role.IsInCircuit ? part : part with { WOut = part.WOut * 0 })] })] }).Assemble(name)),
        ];

        Assert.All(without, model =>
        {
            Assert.InRange(SmallPrograms.Difference(program, all, model), 0, Exact);
            var written = SmallPrograms.Activations(program, all, true).Zip(SmallPrograms.Activations(program, model, true), (with, without) => (with - without).flatten(0, 1));
            Assert.InRange(cat([.. written], dim: 0).std(0).max().item<double>(), .01, 5);
        });
    }

    [Fact]
    public void Distractors_need_room()
    {
        using var scope = NewDisposeScope();

        Assert.All(new IDisguise[] { new AddDistractorHeads(), new AddDistractorNeurons(), new PadHeads() }, disguise =>
            Assert.Contains("Apply AddDistractorDimensions before", Assert.Throws<ArgumentException>(() => Made("hist", disguise)).Message));
    }

    private static (KnownProgram Program, ModelParts Parts) Made(string name, params IDisguise[] disguises)
    {
        var program = SmallPrograms.Named(name);
        return (program, Composition.Apply(Compiler.Compile(program), disguises, seed: 2).Parts);
    }

    private static IEnumerable<HeadPart> Added(ModelParts parts) => parts.Layers.SelectMany(layer => layer.Heads).Where(head => !head.Role.IsInCircuit);

    private static KnownModel Without(ModelParts parts, HeadPart head) =>
        (parts with { Layers = [.. parts.Layers.Select(layer => layer with { Heads = [.. layer.Heads.Select(one => ReferenceEquals(one, head) ? one with { WO = one.WO * 0 } : one)] })] }).Assemble("without");
}
