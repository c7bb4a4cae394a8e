using System.Runtime.Intrinsics;
using SubspaceCircuits.Models;
using static SubspaceCircuits.Training.Engine.Lanes;

namespace SubspaceCircuits.Training.Engine;

/// <summary>The non-linearity of an MLP and its gradient, element by element.</summary>
internal static class ActivationPass
{
    private const float Slope = 0.7978845608f, Cubic = 0.044715f; // √(2/π), and GPT-2's constant

    /// <summary>Applies the non-linearity.</summary>
    public static void Forward(Activation activation, float[] pre, float[] post, int length)
    {
        ref float from = ref At(pre), to = ref At(post);
        for (var i = 0; i < length; i += Width)
        {
            var x = Load(ref from, i);
            Store(activation is Activation.Relu ? Vector256.Max(x, default) : 0.5f * x * (Vector256<float>.One + Tanh(Slope * Fma(Cubic * x, x * x, x))), ref to, i);
        }
    }

    /// <summary>Turns the gradient of the results into that of the inputs, in place.</summary>
    public static void Backward(Activation activation, float[] pre, float[] gradient, int length)
    {
        ref float from = ref At(pre), to = ref At(gradient);
        var one = Vector256<float>.One;
        for (var i = 0; i < length; i += Width)
        {
            Vector256<float> x = Load(ref from, i), dy = Load(ref to, i);
            if (activation is Activation.Relu)
            {
                Store(Vector256.ConditionalSelect(Vector256.GreaterThan(x, default), dy, default), ref to, i);
                continue;
            }

            var tanh = Tanh(Slope * Fma(Cubic * x, x * x, x));
            var inner = Slope * Fma(3 * Cubic * x, x, one);
            Store(dy * (0.5f * (one + tanh) + 0.5f * x * (one - tanh * tanh) * inner), ref to, i);
        }
    }

    private static Vector256<float> Tanh(Vector256<float> x) =>
        Vector256<float>.One - Vector256.Create(2f) / (Vector256.Exp(x + x) + Vector256<float>.One);
}
