using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Heads;
using SubspaceCircuits.Interventions.Heads;
using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.KnownCircuits.Tasks;
using SubspaceCircuits.Tests.KnownCircuits.Disguises;

namespace SubspaceCircuits.Tests.KnownCircuits.Heads;

/// <summary>Pairs of heads that disguises make, named from weights and true subspaces.</summary>
public sealed class HeadPairsTests
{
    private const int Seeds = 4;

    private static readonly HeadPairVerdict[] SameFunction = [HeadPairVerdict.Redundant, HeadPairVerdict.SameUpToWeights];
    private static readonly HeadPairVerdict[] SharedWork = [HeadPairVerdict.Redundant, HeadPairVerdict.SameUpToWeights, HeadPairVerdict.Divided];

    public static TheoryData<string, DisguiseLevel> Cases => [.. from name in SmallPrograms.Names from level in new[] { DisguiseLevel.D0, DisguiseLevel.D1, DisguiseLevel.D2 } select (name, level)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_cancelling_pair_is_named_and_nothing_else_is_named_so(string name, DisguiseLevel level) => Expect(name, level, new CancelHeads(), [HeadPairVerdict.Cancelling]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Heads_that_share_their_work_are_named_the_same(string name, DisguiseLevel level) => Expect(name, level, new ShareHeads(), SameFunction);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Heads_that_divide_their_values_are_named_one_head_in_two(string name, DisguiseLevel level) => Expect(name, level, new SplitHeads(), SharedWork);

    /// <summary>Here the previous-token heads write into a variable that the induction head reads: what one leaves there without the other does more harm than the loss of both.</summary>
    [Fact]
    public void One_of_a_cancelling_pair_is_missed_more_than_both()
    {
        using var scope = NewDisposeScope();
        var entry = ProgramCatalogue.Find("induction");
        var program = entry.Build(entry.Tested);
        var parts = Composition.Apply(Compiler.Compile(program, new CompilerOptions { UnembedScale = 10, HasPad = true }), [new CancelHeads()], seed: 1).Parts;
        using var model = DisguiseLevels.Apply(parts, DisguiseLevel.D1, seed: 1).Parts.Assemble("induction");
        using var known = new KnownSubspaces(model);
        var layers = HeadsOfLayer.All(new PartitionedModel(model.Weights, known.Partitions));

        var effects = HeadPairEffect.Of(model.Weights, new ProgramTask("induction", program), layers, new HeadRedundancySettings { Samples = 100, Reference = 800, From = 3, To = program.MaxLength }, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(2, effects.Count);
        Assert.All(effects, effect =>
        {
            Assert.Equal(HeadPairVerdict.Cancelling, effect.Verdict);
            Assert.True(effect.OfBoth < Math.Min(effect.OfFirst, effect.OfSecond) && effect.Excess < -1, $"{effect}");
        });
    }

    /// <summary>The pairs of verdicts are the pairs of the truth that the disguise made; those that the level adds may be named as they are.</summary>
    private static void Expect(string name, DisguiseLevel level, IDisguise disguise, HeadPairVerdict[] verdicts)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            using var scope = NewDisposeScope();
            var divided = Composition.Apply(Compiler.Compile(SmallPrograms.Named(name)), [disguise], seed).Parts;
            var made = divided.Layers.SelectMany(layer => layer.Heads).Select(head => head.Role.RedundancyGroup).OfType<string>().Distinct().ToArray();
            Assert.Single(made);
            using var model = DisguiseLevels.Apply(divided, level, seed).Parts.Assemble(name);
            using var known = new KnownSubspaces(model);

            HeadPair[] pairs = [.. HeadsOfLayer.All(new PartitionedModel(model.Weights, known.Partitions)).SelectMany(layer => layer.Pairs)];

            var groups = model.Heads.Where(head => head.Role.RedundancyGroup is not null).ToDictionary(head => Circuit.HeadId(head.Layer, head.Head), head => head.Role.RedundancyGroup!);
            bool IsGroup(HeadPair pair) => groups.TryGetValue(pair.First, out var group) && groups.GetValueOrDefault(pair.Second) == group;
            Assert.Contains(pairs.Single(pair => IsGroup(pair) && groups[pair.First] == made[0]).Verdict, verdicts);
            HeadPairVerdict[] mine = [HeadPairVerdict.Cancelling, .. SharedWork];
            Assert.All(pairs.Where(pair => mine.Contains(pair.Verdict)), pair => Assert.True(IsGroup(pair), $"{name}, {level}, seed {seed}: {pair.First}, {pair.Second}: {pair.Words}"));
            Assert.Equal(disguise is CancelHeads ? 1 : 0, pairs.Count(pair => pair.Verdict is HeadPairVerdict.Cancelling));
        }
    }
}
