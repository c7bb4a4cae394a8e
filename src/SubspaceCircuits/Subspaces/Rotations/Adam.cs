using System.Numerics;

namespace SubspaceCircuits.Subspaces.Rotations;

/// <summary>Adam (Kingma and Ba 2015) on the entries below the diagonal, with PyTorch's defaults: β 0.9 and 0.999, ε 1e-8.</summary>
internal sealed class Adam<T>(int d)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;

    /// <summary>Mean of gradients. [d, d]</summary>
    public T[] First { get; } = new T[d * d];

    /// <summary>Mean of squares. [d, d]</summary>
    public T[] Second { get; } = new T[d * d];

    public int Steps { get; set; }

    /// <summary>Takes a step.</summary>
    /// <param name="gradient">Below the diagonal. [d, d]</param>
    /// <param name="learningRate">Rate.</param>
    /// <param name="clipNorm">Norm to which the gradient is clipped.</param>
    /// <param name="target">What moves, below the diagonal. [d, d]</param>
    /// <returns>Norm of the gradient before clipping.</returns>
    public double Step(T[] gradient, double learningRate, double clipNorm, T[] target)
    {
        var sum = 0.0;
        for (var row = 1; row < d; row++)
        {
            foreach (var g in gradient.AsSpan(row * d, row))
                sum += double.CreateTruncating(g * g);
        }

        var norm = Math.Sqrt(sum);
        var clip = T.CreateTruncating(Math.Min(1, clipNorm / (norm + 1e-6)));
        Steps++;
        T b1 = T.CreateTruncating(Beta1), b2 = T.CreateTruncating(Beta2), c1 = T.CreateTruncating(1 - Beta1), c2 = T.CreateTruncating(1 - Beta2);
        var rate = T.CreateTruncating(learningRate / (1 - Math.Pow(Beta1, Steps)));
        var correction = T.CreateTruncating(1 / Math.Sqrt(1 - Math.Pow(Beta2, Steps)));
        var epsilon = T.CreateTruncating(Epsilon);
        for (var row = 1; row < d; row++)
        {
            for (var at = row * d; at < row * d + row; at++)
            {
                var g = gradient[at] * clip;
                var first = First[at] = b1 * First[at] + c1 * g;
                var second = Second[at] = b2 * Second[at] + c2 * g * g;
                target[at] -= rate * first / (T.Sqrt(second) * correction + epsilon);
            }
        }

        return norm;
    }
}
