using SubspaceCircuits.Models;
using SubspaceCircuits.Training.Engine;

namespace SubspaceCircuits.Tests.Training.Engine;

/// <summary>The optimiser against TorchSharp's on the same gradients.</summary>
public sealed class AdamTests
{
    private static readonly ParameterLayout Layout = new(new ModelConfig { NLayers = 1, NHeads = 2, DModel = 8, DHead = 8, DMlp = 16, DVocab = 16, NCtx = 8 });

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.1, 1)]
    [InlineData(0.1, 0.25)]
    public void Steps_are_those_of_TorchSharp_on_matrices(double decay, double factor)
    {
        using var scope = NewDisposeScope();
        var random = new Random(1);
        float[] Draw() => [.. Enumerable.Range(0, Layout.Length).Select(_ => (float)(random.NextDouble() - 0.5))];
        var values = Draw();
        var isMatrix = tensor(Layout.MatrixMask()).to(float64);
        using var decayed = new TorchSharp.Modules.Parameter(tensor(values).to(float64));
        using var plain = new TorchSharp.Modules.Parameter(tensor(values).to(float64));
        using var withDecay = optim.AdamW([decayed], 0.01, beta1: 0.8, beta2: 0.95, weight_decay: decay);
        using var without = optim.Adam([plain], 0.01, beta1: 0.8, beta2: 0.95);
        var ours = new Adam(Layout, decay, 0.8, 0.95);

        for (var step = 1; step <= 50; step++)
        {
            var gradient = Draw();
            ours.Step(values, gradient, (float)factor, 0.01, step);
            decayed.grad = plain.grad = tensor(gradient).to(float64) * factor;
            withDecay.step();
            without.step();
        }

        // Float32 rounding of 50 steps of at most 0.01.
        var expected = isMatrix * decayed + (1 - isMatrix) * plain;
        Assert.InRange((tensor(values).to(float64) - expected).abs().max().item<double>(), 0, 2e-6);
    }

    [Fact]
    public void Norm_is_that_of_float64()
    {
        var random = new Random(2);
        float[] gradient = [.. Enumerable.Range(0, 8000).Select(_ => (float)random.NextDouble() * 1e3f)];

        Assert.Equal(Math.Sqrt(gradient.Sum(value => (double)value * value)), Adam.Norm(gradient), 1e-6);
    }
}
