using System.Runtime.Intrinsics;
using static SubspaceCircuits.Training.Engine.Lanes;

namespace SubspaceCircuits.Training.Engine;

/// <summary>
/// Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019) over the flat parameters in one pass; decay acts on
/// matrices only. PyTorch's order: decay first, then <c>θ −= lr·m̂/(√v̂ + ε)</c>.
/// </summary>
/// <param name="layout">Which parameters are of matrices.</param>
/// <param name="decay">Weight decay; 0 is Adam.</param>
/// <param name="beta1">Decay of the first moment.</param>
/// <param name="beta2">Decay of the second moment.</param>
internal sealed class Adam(ParameterLayout layout, double decay, double beta1, double beta2)
{
    private const float Epsilon = 1e-8f;
    private readonly float[] _isMatrix = layout.MatrixMask();

    /// <summary>Running mean of the gradient.</summary>
    public float[] First { get; } = new float[layout.Length];

    /// <summary>Running mean of its square.</summary>
    public float[] Second { get; } = new float[layout.Length];

    /// <summary>One step.</summary>
    /// <param name="values">Parameters; are changed.</param>
    /// <param name="gradient">Gradient.</param>
    /// <param name="factor">Factor on the gradient, from clipping.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="step">Steps done, this one included.</param>
    public void Step(float[] values, float[] gradient, float factor, double rate, int step)
    {
        ref float value = ref At(values), g = ref At(gradient), m = ref At(First), v = ref At(Second), isMatrix = ref At(_isMatrix);
        var (b1, b2) = (Vector256.Create((float)beta1), Vector256.Create((float)beta2));
        var (rest1, rest2) = (Vector256.Create((float)(1 - beta1) * factor), Vector256.Create((float)(1 - beta2) * factor * factor));
        var pace = Vector256.Create((float)(rate / (1 - Math.Pow(beta1, step))));
        var correction = Vector256.Create((float)(1 / Math.Sqrt(1 - Math.Pow(beta2, step))));
        var shrink = Vector256.Create((float)(rate * decay));
        for (var i = 0; i < values.Length; i += Width)
        {
            var slope = Load(ref g, i);
            var first = Fma(slope, rest1, Load(ref m, i) * b1);
            var second = Fma(slope * slope, rest2, Load(ref v, i) * b2);
            Store(first, ref m, i);
            Store(second, ref v, i);
            var old = Load(ref value, i);
            old -= old * shrink * Load(ref isMatrix, i);
            Store(old - pace * first / (Vector256.Sqrt(second) * correction + Vector256.Create(Epsilon)), ref value, i);
        }
    }

    /// <summary>Euclidean norm of a gradient.</summary>
    public static double Norm(float[] gradient)
    {
        ref var g = ref At(gradient);
        Vector256<double> low = default, high = default;
        for (var i = 0; i < gradient.Length; i += Width)
        {
            var (lower, upper) = Vector256.Widen(Load(ref g, i));
            low += lower * lower;
            high += upper * upper;
        }

        return Math.Sqrt(Vector256.Sum(low + high));
    }
}
