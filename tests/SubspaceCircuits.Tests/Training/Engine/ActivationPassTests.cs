using System.Runtime.Intrinsics;
using SubspaceCircuits.Models;
using SubspaceCircuits.Training.Engine;

namespace SubspaceCircuits.Tests.Training.Engine;

/// <summary>The non-linearities against their formulas in float64, far out on both sides.</summary>
public sealed class ActivationPassTests
{
    private static readonly float[] Inputs = [.. Enumerable.Range(-400, 801).Select(i => i / 20f), 1e-6f, -1e-6f, 50, -50, 88, -88, 90, -90, 1e4f, -1e4f, 1e10f, -1e10f, 0, 0, 0];

    private static double Inner(double x) => Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);

    private static double Gelu(double x) => 0.5 * x * (1 + Math.Tanh(Inner(x)));

    private static double GeluSlope(double x)
    {
        var tanh = Math.Tanh(Inner(x));
        var sech2 = 1 - tanh * tanh;
        return 0.5 * (1 + tanh) + (sech2 == 0 ? 0 : 0.5 * x * sech2 * Math.Sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x));
    }

    [Fact]
    public void Gelu_and_its_slope_are_those_of_the_formula()
    {
        var (post, gradient) = Both(Activation.GeluNew);

        for (var i = 0; i < Inputs.Length; i++)
        {
            // The tanh is 1 − 2/(e²ˣ + 1), exact to an ulp of one; it is multiplied with x.
            Assert.Equal(Gelu(Inputs[i]), post[i], 3e-7 * Math.Max(1, Math.Abs(Inputs[i])));
            // 1 − tanh² is exact to two ulps of one; it is multiplied with up to forty before it vanishes.
            Assert.Equal(2 * GeluSlope(Inputs[i]), gradient[i], 1e-5);
        }
    }

    [Fact]
    public void Relu_and_its_slope_are_exact()
    {
        var (post, gradient) = Both(Activation.Relu);

        Assert.Equal(Inputs.Select(x => Math.Max(x, 0)), post.Take(Inputs.Length));
        Assert.Equal(Inputs.Select(x => x > 0 ? 2f : 0), gradient.Take(Inputs.Length));
    }

    [Fact]
    public void Exponential_is_zero_far_below_and_infinite_far_above()
    {
        var found = Vector256.Exp(Vector256.Create(float.NegativeInfinity, -1e30f, -1e4f, -104f, 0, 1, 1e4f, float.PositiveInfinity));

        Assert.Equal([0, 0, 0, 0], Enumerable.Range(0, 4).Select(i => found[i]));
        Assert.Equal(1, found[4], 2e-7); // an ulp
        Assert.Equal(MathF.E, found[5], 5e-7);
        Assert.Equal([float.PositiveInfinity, float.PositiveInfinity], [found[6], found[7]]);
    }

    private static (float[] Post, float[] Gradient) Both(Activation activation)
    {
        var length = Lanes.Pad(Inputs.Length);
        float[] pre = [.. Inputs, .. new float[length - Inputs.Length]], post = new float[length], gradient = new float[length];
        Array.Fill(gradient, 2f);
        ActivationPass.Forward(activation, pre, post, length);
        ActivationPass.Backward(activation, pre, gradient, length);
        return (post, gradient);
    }
}
