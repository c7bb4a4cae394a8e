using SubspaceCircuits.Models;
using SubspaceCircuits.Training.Engine;
using Adam = SubspaceCircuits.Training.Engine.Adam;
using Parameter = TorchSharp.Modules.Parameter;

namespace SubspaceCircuits.Tests.Training.Engine;

/// <summary>The optimiser against TorchSharp's in float64, with decay on matrices and without on the rest.</summary>
public sealed class AdamTests
{
    // Fifty roundings of values of size one in float32.
    private const double Tolerance = 1e-5;

    private static readonly ParameterLayout Layout = new(new ModelConfig { NLayers = 1, NHeads = 1, DModel = 8, DHead = 8, DMlp = 16, DVocab = 8, NCtx = 6 });

    [Theory]
    [InlineData(0.0, 0.9, 0.999)]
    [InlineData(0.3, 0.9, 0.999)]
    [InlineData(0.1, 0.0, 0.5)]
    [InlineData(0.1, 0.8, 0.0)]
    public void Fifty_steps_are_those_of_TorchSharp(double decay, double beta1, double beta2)
    {
        var random = new Random(5);
        float[] Draw() => [.. Enumerable.Range(0, Layout.Length).Select(_ => (float)(2 * random.NextDouble() - 1))];
        var values = Draw();
        var isMatrix = Layout.MatrixMask();
        int[] matrices = [.. Enumerable.Range(0, Layout.Length).Where(i => isMatrix[i] == 1)], others = [.. Enumerable.Range(0, Layout.Length).Where(i => isMatrix[i] == 0)];
        using var scope = NewDisposeScope();
        Tensor Pick(float[] from, int[] places) => tensor(places.Select(i => (double)from[i]).ToArray());
        Parameter first = nn.Parameter(Pick(values, matrices)), second = nn.Parameter(Pick(values, others));
        using var withDecay = optim.AdamW([first], lr: 0.01, beta1: beta1, beta2: beta2, weight_decay: decay);
        using var without = optim.Adam([second], lr: 0.01, beta1: beta1, beta2: beta2);
        var adam = new Adam(Layout, decay, beta1, beta2);

        for (var step = 1; step <= 50; step++)
        {
            var gradient = Draw();
            const double Factor = 0.5;
            withDecay.zero_grad();
            without.zero_grad();
            ((first * Pick(gradient, matrices)).sum() * Factor + (second * Pick(gradient, others)).sum() * Factor).backward();
            withDecay.step();
            without.step();
            adam.Step(values, gradient, (float)Factor, 0.01, step);
        }

        Assert.NotEmpty(others);
        foreach (var (parameter, places) in new[] { (first, matrices), (second, others) })
        {
            var expected = parameter.detach().data<double>().ToArray();
            for (var i = 0; i < places.Length; i++)
                Assert.Equal(expected[i], values[places[i]], Tolerance * Math.Max(1, Math.Abs(expected[i])));
        }
    }

    [Fact]
    public void Norm_is_that_of_float64_and_does_not_overflow()
    {
        var random = new Random(1);
        float[] gradient = [.. Enumerable.Range(0, 800).Select(_ => (float)random.NextDouble() * 1e30f)];

        Assert.Equal(1, Adam.Norm(gradient) / Math.Sqrt(gradient.Sum(value => (double)value * value)), 1e-12);
    }

    [Fact]
    public void Matrices_alone_decay()
    {
        float[] values = new float[Layout.Length], gradient = new float[Layout.Length];
        Array.Fill(values, 1f);

        new Adam(Layout, decay: 0.5, 0.9, 0.999).Step(values, gradient, 1, rate: 0.1, step: 1);

        var block = Layout.Blocks[0];
        foreach (var matrix in (Slice[])[Layout.Embed, Layout.Positions, block.WQ, block.WKV, block.WO, block.WIn, block.WOut, Layout.Unembed])
            Assert.All(values.AsSpan(matrix.Start, matrix.Length).ToArray(), value => Assert.Equal(0.95f, value, 1e-6f));
        foreach (var vector in (Slice[])[block.Ln1W, block.Ln1B, block.BQ, block.BKV, block.BO, block.Ln2W, block.BIn, block.BOut, Layout.LnFinalW, Layout.UnembedBias])
            Assert.All(values.AsSpan(vector.Start, vector.Length).ToArray(), value => Assert.Equal(1f, value));
    }
}
