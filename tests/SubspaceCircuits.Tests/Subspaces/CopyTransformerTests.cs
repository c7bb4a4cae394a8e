using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests.Subspaces;

/// <summary>The method on the published copy transformer against the logs of its published runs, which searched 25 blocks of keys.</summary>
public sealed class CopyTransformerTests(ITestOutputHelper output)
{
    private const int BlockLength = 16_384, PublishedBlocks = 25;

    // 1,280 queries give a standard error of 1.5 %, the logs' own some .7 %; the sequences are drawn anew.
    private const double SamplingTolerance = 0.08;

    [Theory]
    [InlineData("x0.post", 0.1416, 0.1692)]
    [InlineData("x1.post", 1.4647, 1.9519)]
    public void Published_rotations_have_the_distances_that_their_logs_end_with(string site, double first, double second)
    {
        using var scope = NewDisposeScope();
        using var model = ModelFolder.Read(SharedData.PathOrSkip("copy_transformer/copy_transformer.pt"));
        var (rotation, sizes) = PublishedPartition.Read(SharedData.PathOrSkip($"copy_transformer/partitions/copy_transformer/R-custom-{site}.pt"));
        using var source = CopyTransformerSource.Make(model.Weights, Site.Parse(site), (PublishedBlocks + 1) * BlockLength, seed: 1);
        using var buffer = new ActivationBuffer(source, BlockLength, PublishedBlocks + 1);

        var distances = NeighborDistance.Evaluate(buffer, rotation, sizes, batches: 2, batchSize: 640, PublishedBlocks, cancellation: TestContext.Current.CancellationToken);

        output.WriteLine($"{distances[0]:f4} {distances[1]:f4}");
        Near.Equal(1, distances[0] / first, SamplingTolerance);
        Near.Equal(1, distances[1] / second, SamplingTolerance);
    }

    [Fact]
    public void Training_starts_as_the_published_run_did()
    {
        using var scope = NewDisposeScope();
        using var model = ModelFolder.Read(SharedData.PathOrSkip("copy_transformer/copy_transformer.pt"));
        using var source = CopyTransformerSource.Make(model.Weights, Site.Parse("x0.post"), (PublishedBlocks + 1) * BlockLength, seed: 2);
        using var buffer = new ActivationBuffer(source, BlockLength, PublishedBlocks + 1);
        using var training = new PartitionTraining(buffer, eye(model.Weights.Config.DModel), new PartitionSettings { SearchBlocks = PublishedBlocks });

        var steps = Enumerable.Range(0, 12).Select(_ => training.Step()).ToArray();

        // The log's first lines are means over 200 steps: loss .1966 and then .1863, so it began about half a line higher, at .202;
        // gradient norm .0188 and then .0219. Twelve batches of 128 have a standard error of 1.5 %.
        output.WriteLine($"{steps.Average(step => step.Loss):f4} {steps.Average(step => step.GradientNorm):f4}");
        Near.Equal(1, steps.Average(step => step.Loss) / 0.202, SamplingTolerance);
        Near.Equal(1, steps.Average(step => step.GradientNorm) / 0.0185, 0.2);
    }

    [Fact]
    public void Training_lowers_the_loss_as_the_published_run_did()
    {
        // One block of keys in the place of 25: distances are greater, their fall is much the same.
        using var scope = NewDisposeScope();
        using var model = ModelFolder.Read(SharedData.PathOrSkip("copy_transformer/copy_transformer.pt"));
        using var source = CopyTransformerSource.Make(model.Weights, Site.Parse("x0.post"), 6 * BlockLength, seed: 3);
        using var buffer = new ActivationBuffer(source, BlockLength, 6);
        using var training = new PartitionTraining(buffer, eye(model.Weights.Config.DModel), new PartitionSettings { SearchBlocks = 1 });

        var losses = Enumerable.Range(0, 600).Select(_ => training.Step().Loss).ToArray();

        // Means over 200 steps; the log has .1966, .1863, .1780: falls of 5.3 % and 9.5 %.
        double[] lines = [.. losses.Chunk(200).Select(line => line.Average())];
        output.WriteLine(string.Join(" ", lines.Select(line => $"{line:f4}")));
        Assert.InRange(1 - lines[1] / lines[0], 0.025, 0.08);
        Assert.InRange(1 - lines[2] / lines[0], 0.06, 0.13);
    }
}
