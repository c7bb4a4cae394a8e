using CsCheck;
using SubspaceCircuits.Models;
using SubspaceCircuits.Training.Engine;

namespace SubspaceCircuits.Tests.Training.Engine;

/// <summary>LayerNorm and its gradient against float64 loops over the definition.</summary>
public sealed class LayerNormPassTests
{
    // float32 sums of at most forty terms of size one.
    private const double Tolerance = 2e-5;

    private static ModelConfig Config(int width) => new() { NLayers = 1, NHeads = 1, DModel = width, DHead = 4, DVocab = 5, NCtx = 4, Epsilon = 1e-5 };

    [Fact]
    public void Forward_and_backward_are_those_of_the_definition() =>
        Gen.Select(Gen.Int[2, 40], Gen.Int[1, 13], Gen.Int).Sample((width, rows, seed) => Check(width, rows, mean: 0, deviation: 1, seed, Tolerance), iter: 300);

    // Padding once entered the sum of squares as the square of the mean and was taken off again, which left nothing of a small variance.
    [Theory]
    [InlineData(9)]
    [InlineData(15)]
    [InlineData(16)]
    public void Mean_far_greater_than_the_deviation_leaves_the_deviation_right(int width) =>
        Check(width, rows: 3, mean: 300, deviation: 0.1, seed: 1, tolerance: 5e-3); // an ulp of 300 is 3e-5: 3e-4 of the deviation

    [Fact]
    public void Row_of_one_value_becomes_the_shift()
    {
        var pass = new LayerNormPass(Config(5));
        float[] x = [7, 7, 7, 7, 7, 0, 0, 0], parameters = [2, 2, 2, 2, 2, 0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0];

        var found = pass.Forward(x, 1, parameters, new Slice(0, 1, 8), new Slice(8, 1, 8));

        Assert.Equal([1, 2, 3, 4, 5, 0, 0, 0], found.Take(8));
    }

    private static void Check(int width, int rows, double mean, double deviation, int seed, double tolerance)
    {
        var config = Config(width);
        var stride = Lanes.Pad(width);
        var random = new Random(seed);
        float[] Rows(int count, double centre, double scale)
        {
            var values = new float[count * stride];
            for (var i = 0; i < values.Length; i++)
                values[i] = i % stride < width ? (float)(centre + scale * (2 * random.NextDouble() - 1)) : 0;
            return values;
        }

        float[] x = Rows(rows, mean, deviation), dy = Rows(rows, 0, 1), dx = Rows(rows, 0, 1), parameters = Rows(2, 1, 0.5), gradient = Rows(2, 0, 1);
        float[] dxBefore = [.. dx], gradientBefore = [.. gradient];
        Slice scale = new(0, 1, stride), shift = new(stride, 1, stride);
        var pass = new LayerNormPass(config);
        pass.Forward(Rows(rows, 5, 1), rows, parameters, scale, shift); // what an earlier call left must not matter

        var y = pass.Forward(x, rows, parameters, scale, shift).ToArray();
        pass.Backward(dy, rows, parameters, scale, shift, gradient, dx);

        var expectedGradient = gradientBefore.Select(value => (double)value).ToArray();
        for (var row = 0; row < rows; row++)
        {
            double At(float[] matrix, int i) => matrix[row * stride + i];
            int[] all = [.. Enumerable.Range(0, width)];
            var average = all.Average(i => At(x, i));
            var sigma = Math.Sqrt(all.Average(i => Math.Pow(At(x, i) - average, 2)) + config.Epsilon);
            double[] normal = [.. all.Select(i => (At(x, i) - average) / sigma)], scaled = [.. all.Select(i => At(dy, i) * parameters[i])];
            var (meanScaled, meanProduct) = (scaled.Average(), all.Average(i => scaled[i] * normal[i]));
            foreach (var i in all)
            {
                Assert.Equal(normal[i] * parameters[i] + parameters[stride + i], At(y, i), 5 * tolerance);
                // Relative to what a gradient of size one becomes.
                Assert.Equal((scaled[i] - meanScaled - normal[i] * meanProduct) / sigma + At(dxBefore, i), At(dx, i), 10 * tolerance * Math.Max(1, 1 / sigma));
                expectedGradient[i] += At(dy, i) * normal[i];
                expectedGradient[stride + i] += At(dy, i);
            }

            Assert.All(Enumerable.Range(width, stride - width), i => Assert.Equal(0, At(dx, i)));
            Assert.All(Enumerable.Range(width, stride - width), i => Assert.Equal(0, At(y, i)));
        }

        foreach (var i in Enumerable.Range(0, width).SelectMany(i => (int[])[i, stride + i]))
            Assert.Equal(expectedGradient[i], gradient[i], 10 * tolerance);
    }
}
