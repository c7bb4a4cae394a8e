using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Tests.Models;

/// <summary>Trained models of other people, against an independent float64 forward pass and their published accuracies.</summary>
public class SharedModelsTests
{
    // float32 through up to four blocks with activations of order 10 to 100.
    private const double Float32Tolerance = 1e-4;

    private const int Samples = 2000;

    [Fact]
    public void All_published_models_load_and_run()
    {
        var folders = Directory.GetDirectories(SharedData.PathOrSkip("models"));

        Assert.Equal(22, folders.Length);
        foreach (var folder in folders)
        {
            using var scope = NewDisposeScope();
            using var model = ModelFolder.Read(folder);
            var logits = Transformer.Forward(model.Weights, zeros(1, 4, dtype: int64));
            Assert.True(logits.isfinite().all().item<bool>(), folder);
        }
    }

    [Theory]
    [InlineData("bce_tomita3-@4l4h64d3lr00drop", "models/bce_tomita3-@4l4h64d3lr00drop")]
    [InlineData("bin_majority_interleave-@2l2h16d3lr00drop", "models/bin_majority_interleave-@2l2h16d3lr00drop")]
    [InlineData("unique_copy-@2l1h64d3lr01drop", "models/unique_copy-@2l1h64d3lr01drop")]
    [InlineData("copy_transformer", "copy_transformer/copy_transformer.pt")]
    public void Every_activation_agrees(string name, string modelPath)
    {
        using var scope = NewDisposeScope();
        using var golden = Safetensors.Read(SharedData.PathOrSkip($"golden/{name}.golden.safetensors"));
        using var model = ModelFolder.Read(SharedData.PathOrSkip(modelPath));
        HookPoint[] points = [.. golden.Names.Where(point => point.Contains("hook_", StringComparison.Ordinal)).Select(point => new HookPoint(point))];
        using var hooks = new Hooks(points);

        var logits = Transformer.Forward(model.Weights, golden.Peek("tokens"), hooks: hooks);

        foreach (var point in points)
            Near.Equal(golden.Peek(point.Name), hooks[point], Float32Tolerance, point.Name);
        Near.Equal(golden.Peek("logits"), logits, Float32Tolerance, "logits");
    }

    // 2,000 samples: the standard error of 0.99 is 0.002, that of 0.81 is 0.009; the published numbers carry as much again.
    [Theory]
    [InlineData("unique_copy-@2l1h64d3lr01drop", 0.02, 1.0, 1.0, 0.9905)]
    [InlineData("unique_reverse-@2l1h64d3lr01drop", 0.02, 1.0, 1.0, 0.9915)]
    [InlineData("unique_copy-^2l1h64d3lr01drop-1400", 0.03, 0.999, 0.992, 0.81)]
    public void Accuracy_is_the_published_one(string name, double tolerance, double upTo50, double upTo100, double upTo150)
    {
        using var model = ModelFolder.Read(SharedData.PathOrSkip($"models/{name}"));
        var task = TaskRegistry.FromModelName(model.Name)!;

        foreach (var (from, to, published) in new[] { (0, 50, upTo50), (51, 100, upTo100), (101, 150, upTo150) })
        {
            var measured = Evaluation.WholeSequence(model.Weights, task, from, to, Samples, seed: 0, TestContext.Current.CancellationToken);
            Assert.InRange(measured.Accuracy, published - tolerance, published + tolerance);
        }
    }
}
