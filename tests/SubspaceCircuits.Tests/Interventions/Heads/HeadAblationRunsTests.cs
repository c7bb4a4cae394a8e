using SubspaceCircuits.Interventions.Heads;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Tasks.Patterns;
using SubspaceCircuits.Tests.Circuits;

namespace SubspaceCircuits.Tests.Interventions.Heads;

public sealed class HeadAblationRunsTests
{
    // Two orders of the same float32 sums.
    private const double Single = 1e-5;

    private static readonly UniqueTokenPattern Task = new(characters: 8, longest: 5);

    private static readonly PairedSamples Samples = PairedSamples.Draw(Task, 2, 5, 30, new Random(1));

    private static readonly IReadOnlyList<TaskSample> Reference = TaskBatch.Draw(Task, 2, 5, 40, new Random(2));

    public static TheoryData<HeadAblation, bool> Kinds => new MatrixTheoryData<HeadAblation, bool>([HeadAblation.Mean, HeadAblation.MeanPosition, HeadAblation.MeanOverall, HeadAblation.Resample], [false, true]);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Any_set_equals_a_run_with_its_heads_replaced_by_hooks(HeadAblation ablation, bool hasMlps)
    {
        using var model = Model(hasMlps);
        var heads = model.Weights.Config.NLayers * model.Weights.Config.NHeads;
        HeadSet[] sets = [default, HeadSet.All(heads), HeadSet.Of(0), HeadSet.Of(heads - 1), HeadSet.Of(1, heads - 1), HeadSet.Of(0, 1, heads - 2), HeadSet.Of(1)];
        using var runs = new HeadAblationRuns(model.Weights, Task, ablation, Samples, Reference, TestContext.Current.CancellationToken);

        var found = runs.Measure(sets, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal((1.0, 0.0), (found[0].MatchAccuracy, found[0].Kl));
        for (var i = 0; i < sets.Length; i++)
        {
            var expected = HookedAblation.Measure(model.Weights, Task, ablation, Samples, Reference, sets[i]);
            Assert.Equal(expected.MatchAccuracy, found[i].MatchAccuracy, Single);
            Assert.Equal(expected.TaskAccuracy, found[i].TaskAccuracy, Single);
            Assert.Equal(expected.Kl, found[i].Kl, Single);
        }
    }

    [Fact]
    public void A_set_is_measured_alike_whatever_was_measured_before()
    {
        using var model = Model(hasMlps: true);
        HeadSet[] all = [.. Enumerable.Range(0, 16).Select(bits => new HeadSet(bits))];
        using var together = new HeadAblationRuns(model.Weights, Task, HeadAblation.Mean, Samples, Reference, TestContext.Current.CancellationToken);
        using var alone = new HeadAblationRuns(model.Weights, Task, HeadAblation.Mean, Samples, Reference, TestContext.Current.CancellationToken);

        var expected = together.Measure(all, cancellation: TestContext.Current.CancellationToken);

        for (var i = 15; i >= 0; i--)
            Assert.Equal(expected[i], Assert.Single(alone.Measure([all[i]], cancellation: TestContext.Current.CancellationToken)));
        Assert.Equal(16, alone.Runs);
    }

    [Fact]
    public void Donors_are_other_samples_of_the_same_length()
    {
        Assert.Equal(0, Samples.WithoutDonor);
        Assert.All(Samples.Samples.Zip(Samples.Donors), pair =>
        {
            Assert.Equal(pair.First.Tokens.Length, pair.Second.Tokens.Length);
            Assert.NotEqual(pair.First.Tokens, pair.Second.Tokens);
        });
    }

    private static RandomModel Model(bool hasMlps) =>
        new((hasMlps ? RandomModel.WithMlps(Activation.Gelu) : RandomModel.AttentionOnly()) with { DVocab = Task.Vocabulary.Tokens.Count, NCtx = Task.NCtx }, 5);
}
