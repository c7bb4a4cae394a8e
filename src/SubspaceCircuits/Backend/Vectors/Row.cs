using System.Runtime.Intrinsics;

namespace SubspaceCircuits.Backend.Vectors;

/// <summary>Operations on single rows, where no matrix product is at hand.</summary>
internal static unsafe class Row
{
    private const int Width = 8;

    /// <summary><c>Σ a b</c></summary>
    public static float Dot(float* a, float* b, int count)
    {
        var sums = Vector256<float>.Zero;
        var i = 0;
        for (; i <= count - Width; i += Width)
            sums = Vector256.MultiplyAddEstimate(Vector256.Load(a + i), Vector256.Load(b + i), sums);
        var sum = Vector256.Sum(sums);
        for (; i < count; i++)
            sum += a[i] * b[i];
        return sum;
    }

    /// <summary><c>Σ (a − b)²</c></summary>
    public static float SquaredDistance(float* a, float* b, int count)
    {
        var sums = Vector256<float>.Zero;
        var i = 0;
        for (; i <= count - Width; i += Width)
        {
            var difference = Vector256.Load(a + i) - Vector256.Load(b + i);
            sums = Vector256.MultiplyAddEstimate(difference, difference, sums);
        }

        var sum = Vector256.Sum(sums);
        for (; i < count; i++)
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum;
    }

    /// <summary><c>target = a − target</c></summary>
    public static void SubtractFrom(float* a, float* target, int count)
    {
        var i = 0;
        for (; i <= count - Width; i += Width)
            (Vector256.Load(a + i) - Vector256.Load(target + i)).Store(target + i);
        for (; i < count; i++)
            target[i] = a[i] - target[i];
    }

    /// <summary><c>target += a·row</c></summary>
    public static void AddScaled(float* row, float a, float* target, int count)
    {
        var factor = Vector256.Create(a);
        var i = 0;
        for (; i <= count - Width; i += Width)
            Vector256.MultiplyAddEstimate(factor, Vector256.Load(row + i), Vector256.Load(target + i)).Store(target + i);
        for (; i < count; i++)
            target[i] += a * row[i];
    }
}
