using SubspaceCircuits.Interventions.Heads;

namespace SubspaceCircuits.Tests.Interventions.Heads;

public sealed class HeadRedundancyTests
{
    private static readonly HeadRedundancySettings Settings = new() { Samples = 60, From = 2, To = 4, Seed = 1 };

    [Theory]
    [InlineData(HeadAblation.Mean)]
    [InlineData(HeadAblation.MeanPosition)]
    [InlineData(HeadAblation.MeanOverall)]
    public void Verdicts_on_a_model_made_by_hand_are_right(HeadAblation ablation)
    {
        using var weights = RedundantCopyModel.Assemble();

        var found = HeadRedundancy.Of(weights, RedundantCopyModel.Task, Settings with { Ablation = ablation }, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(1, found.Whole.TaskAccuracy);
        Assert.True(found.None.MatchAccuracy < 0.5, $"{found.None.MatchAccuracy}");
        foreach (var sufficient in found.Sufficient)
        {
            Assert.Equal((2, 2, true, true), (sufficient.Size, sufficient.HeuristicSize, sufficient.IsExhaustive, sufficient.IsHeuristicOptimal));
            Assert.Equal(["a0.0 a1.0", "a0.1 a1.0"], sufficient.Sets.Select(set => string.Join(' ', set.Heads)).Order(StringComparer.Ordinal));
            Assert.All(sufficient.Sets, set => Assert.Equal((1.0, 1.0), (set.Chosen.MatchAccuracy, set.Fresh.MatchAccuracy)));
        }

        var verdicts = found.Heads.ToDictionary(head => head.Head, head => head.Verdicts[0]);
        Assert.Equal([HeadVerdict.Redundant, HeadVerdict.Redundant, HeadVerdict.Unused, HeadVerdict.Needed, HeadVerdict.Unused, HeadVerdict.Unused], verdicts.Values.Select(at => at.Verdict));
        foreach (var (head, copy) in new[] { ("a0.0", "a0.1"), ("a0.1", "a0.0") })
        {
            Assert.Equal([copy], verdicts[head].HarmfulWith);
            Assert.Equal([copy], verdicts[head].SwapsWith);
        }

        Assert.True(verdicts["a1.0"].IsHarmfulAlone);
        Assert.Equal((2, 2), (verdicts["a1.0"].InSets, verdicts["a1.0"].OfSets));
    }

    [Fact]
    public void Copies_of_a_head_are_the_most_super_additive_pair_and_alike()
    {
        using var weights = RedundantCopyModel.Assemble();

        var found = HeadRedundancy.Of(weights, RedundantCopyModel.Task, Settings, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(15, found.Pairs.Count);
        var copies = found.Pairs[0];
        Assert.Equal(["a0.0", "a0.1"], copies.Heads);
        Assert.Equal(copies.Both.Kl - found.Heads[0].Alone.Kl - found.Heads[1].Alone.Kl, copies.KlExcess, 1e-12);
        Assert.Equal(1 - copies.Both.MatchAccuracy, copies.MatchExcess, 1e-12);
        Assert.Equal((1, 1, 1), (Math.Round(copies.Similarity.Pattern, 6), Math.Round(copies.Similarity.PatternNull, 6), Math.Round(copies.Similarity.Output, 6)));
        Assert.True(double.IsNaN(found.Pairs.Single(pair => pair.Heads.SequenceEqual(["a0.0", "a1.2"])).Similarity.Output)); // a constant has no direction
    }

    [Fact]
    public void Same_seed_gives_the_same_numbers_and_nothing_leaks()
    {
        using var weights = RedundantCopyModel.Assemble();
        IEnumerable<double> Numbers(int seed)
        {
            var found = HeadRedundancy.Of(weights, RedundantCopyModel.Task, Settings with { Ablation = HeadAblation.Resample, Seed = seed }, cancellation: TestContext.Current.CancellationToken);
            return [.. found.Heads.Select(head => head.Alone.Kl), .. found.Pairs.Select(pair => pair.KlExcess), .. found.Sufficient.SelectMany(sets => sets.Sets.Select(set => set.Fresh.Kl))];
        }

        var first = Numbers(1);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var second = Numbers(1);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equal(first, second);
        Assert.NotEqual(first, Numbers(2));
    }

    [Fact]
    public void A_stop_is_heard()
    {
        using var weights = RedundantCopyModel.Assemble();

        Assert.Throws<OperationCanceledException>(() => HeadRedundancy.Of(weights, RedundantCopyModel.Task, Settings, cancellation: new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void A_threshold_out_of_range_is_refused(double threshold)
    {
        using var weights = RedundantCopyModel.Assemble();

        Assert.Throws<ArgumentException>(() => HeadRedundancy.Of(weights, RedundantCopyModel.Task, Settings with { Thresholds = [threshold] }, cancellation: TestContext.Current.CancellationToken));
    }
}
