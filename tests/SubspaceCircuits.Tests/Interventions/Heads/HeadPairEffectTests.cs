using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Heads;
using SubspaceCircuits.Interventions.Heads;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests.Interventions.Heads;

public sealed class HeadPairEffectTests
{
    private static readonly HeadRedundancySettings Settings = new() { Samples = 60, Reference = 600, From = 2, To = 4, Seed = 1 };

    [Fact]
    public void Copies_of_a_head_are_named_by_weights_and_super_additive()
    {
        using var weights = RedundantCopyModel.Assemble();

        var effects = HeadPairEffect.Of(weights, RedundantCopyModel.Task, Layers(weights), Settings, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal([HeadAblation.Mean, HeadAblation.Resample], effects.Select(effect => effect.Ablation).Order());
        Assert.All(effects, effect =>
        {
            Assert.Equal(("a0.0", "a0.1", HeadPairVerdict.Redundant), (effect.First, effect.Second, effect.Verdict));
            Assert.InRange(Math.Max(effect.OfFirst, effect.OfSecond), 0, effect.Ablation is HeadAblation.Mean ? 0.01 : 1); // either is enough, but what another sample gives contradicts it
            Assert.True(effect.OfBoth > 0.5 && effect.Excess > 0.5, $"{effect}");
        });
    }

    [Fact]
    public void Of_all_pairs_those_of_heads_that_write_nothing_have_no_effect()
    {
        using var weights = RedundantCopyModel.Assemble();

        var effects = HeadPairEffect.Of(weights, RedundantCopyModel.Task, Layers(weights), Settings, hasAllPairs: true, TestContext.Current.CancellationToken);

        Assert.Equal(12, effects.Count); // 2 layers of 3 pairs, 2 ablations
        var idle = effects.Where(effect => effect.First == "a1.1").ToArray();
        Assert.Equal(2, idle.Length);
        Assert.All(idle, effect => Assert.InRange(effect.OfBoth, 0, 1e-6));
        Assert.Equal(effects.Select(effect => Math.Abs(effect.Excess)).OrderDescending(), effects.Select(effect => Math.Abs(effect.Excess)));
    }

    private static IReadOnlyList<HeadsOfLayer> Layers(Weights weights)
    {
        using var scope = NewDisposeScope();
        var d = weights.Config.DModel;
        Partition[] partitions = [.. Site.All(weights.Config).Select(site => new Partition(site, eye(d), [d / 2, d - (d / 2)], zeros(d), eye(d)))];
        return HeadsOfLayer.All(new PartitionedModel(weights, partitions));
    }
}
