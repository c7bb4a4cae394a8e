using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Tests.Tasks;

/// <summary>Published models reach their published accuracies on sequences drawn here: what tells that the generators are the published ones.</summary>
public class PublishedModelsTests
{
    private const int Samples = 300, PublishedSamples = 2000;

    // Chance that one of these 39 numbers is missed by chance: below 1 in 400 by the normal approximation.
    private const double StandardDeviations = 4;

    [Theory]
    [InlineData("addition-@4l2h64d3lr00drop", 0.4995)]
    [InlineData("bce_012_0_2-@1l1h64d4lr00drop", 1.0, 1.0, 1.0)]
    [InlineData("bce_D2-@1l1h16d3lr00drop", 1.0, 1.0, 1.0)]
    [InlineData("bce_D4-@1l2h256d4lr00drop", 1.0)]
    [InlineData("bce_aaaastar-@2l1h64d4lr01drop", 1.0, 1.0, 1.0)]
    [InlineData("bce_aastar-@1l2h16d3lr01drop", 1.0, 1.0, 1.0)]
    [InlineData("bce_ab_d_bc-@1l1h16d3lr01drop", 1.0, 1.0, 1.0)]
    [InlineData("bce_ababstar-@1l1h64d3lr00drop", 1.0, 1.0, 1.0)]
    [InlineData("bce_tomita1-@1l1h16d3lr00drop", 1.0, 1.0, 1.0)]
    [InlineData("bce_tomita2-@1l1h16d3lr00drop", 1.0, 1.0, 1.0)]
    [InlineData("bce_tomita3-@4l4h64d3lr00drop", 0.9995, 0.9755)]
    [InlineData("bce_tomita4-@2l2h16d3lr01drop", 1.0, 1.0, 1.0)]
    [InlineData("bin_majority-@1l1h16d3lr01drop", 1.0, 1.0, 1.0)]
    [InlineData("bin_majority_interleave-@2l2h16d3lr00drop", 1.0, 0.9955, 0.9165)]
    [InlineData("count-#1l4h256d3lr01drop", 1.0, 0.24)]
    [InlineData("sort-@1l1h256d3lr01drop", 0.978)]
    [InlineData("unique_bigram_copy-#4l2h64d3lr00drop", 1.0, 0.467)]
    public void Accuracy_is_the_published_one(string name, params double[] published)
    {
        using var model = ModelFolder.Read(SharedData.PathOrSkip($"models/{name}"));
        var task = TaskRegistry.FromModelName(model.Name)!;

        foreach (var (from, to, expected) in new[] { (0, 50), (51, 100), (101, 150) }.Zip(published, (range, value) => (range.Item1, range.Item2, value)))
        {
            var measured = Evaluation.WholeSequence(model.Weights, task, from, to, Samples, seed: 0, TestContext.Current.CancellationToken).Accuracy;
            // Both are shares of random sequences. Agresti and Coull's two more hits and misses keep the variance of a share of 1 above zero.
            var share = (expected * PublishedSamples + 2) / (PublishedSamples + 4);
            var tolerance = StandardDeviations * Math.Sqrt(share * (1 - share) * (1.0 / PublishedSamples + 1.0 / Samples));
            Assert.True(Math.Abs(measured - expected) <= tolerance, $"{name}, lengths {from}-{to}: {measured:0.0000}, published {expected:0.0000}, tolerance {tolerance:0.0000}");
        }
    }
}
