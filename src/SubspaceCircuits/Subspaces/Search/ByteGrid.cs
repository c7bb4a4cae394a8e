using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>
/// Vectors of one subspace as bytes, such that distances between bytes bound distances between vectors from below:
/// <c>α ‖q − k‖ ≥ ‖q̂ − k̂‖ − ρ_q − ρ_k</c>.
/// </summary>
/// <remarks>
/// A vector is scaled by α, projected on two balls (the half of the dimensions that meet in one 16-bit sum), then on a box, then rounded.
/// Projection on a convex set never lengthens a distance, so only rounding, ρ, has to be allowed for; an outlier costs nothing but its own
/// sharpness. The balls keep every 16-bit sum of products below 2¹⁵ by Cauchy and Schwarz.
/// </remarks>
/// <param name="Scale">α, steps of the grid in a unit of the activations.</param>
/// <param name="Dimensions">Of the subspace, a multiple of four (padded with zeros).</param>
internal readonly unsafe record struct ByteGrid(float Scale, int Dimensions)
{
    /// <summary>Added to the bytes of a key, which makes them unsigned.</summary>
    public const int Offset = 64;

    private const float Box = 63, Radius = 181;
    private const double BoxShare = 0.999, BallShare = 0.99;

    /// <summary>A grid for vectors like these: nearly all coordinates in the box and nearly all halves in the balls.</summary>
    /// <param name="sample">[count, stride]</param>
    /// <param name="count">At least 1.</param>
    /// <param name="stride">Step from row to row.</param>
    /// <param name="dimensions">A multiple of four.</param>
    public static ByteGrid For(float* sample, int count, nint stride, int dimensions)
    {
        var coordinates = new float[count * dimensions];
        var halves = new float[2 * count];
        for (var row = 0; row < count; row++)
        {
            for (var i = 0; i < dimensions; i++)
            {
                var x = sample[row * stride + i];
                coordinates[row * dimensions + i] = Math.Abs(x);
                halves[2 * row + (i >> 1 & 1)] += x * x;
            }
        }

        float Quantile(float[] values, double share)
        {
            Array.Sort(values);
            return values[(int)(share * (values.Length - 1))];
        }

        var box = Box / Quantile(coordinates, BoxShare);
        var ball = (Radius - Rounding(dimensions)) / MathF.Sqrt(Quantile(halves, BallShare));
        var scale = Math.Min(box, ball);
        return new ByteGrid(float.IsFinite(scale) ? scale : 1, dimensions);
    }

    /// <summary>Puts a vector on the grid.</summary>
    /// <param name="vector">[Dimensions]</param>
    /// <param name="bytes">Signed, or with an offset added. [Dimensions]</param>
    /// <param name="offset">0 or <see cref="Offset"/>.</param>
    /// <param name="squaredNorm">‖·‖² of the grid point.</param>
    /// <returns>ρ², the squared error of rounding, in steps of the grid.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public float Round(float* vector, byte* bytes, int offset, out int squaredNorm)
    {
        var scale = Vector128.Create(Scale);
        var halves = Vector128<float>.Zero; // lanes 0 and 1 belong to one half, 2 and 3 to the other
        for (var i = 0; i < Dimensions; i += 4)
        {
            var y = Vector128.Load(vector + i) * scale;
            halves += y * y;
        }

        float first = halves[0] + halves[1], second = halves[2] + halves[3];
        var radius = Radius - Rounding(Dimensions);
        if (first > radius * radius || second > radius * radius)
        {
            float f = Math.Min(1, radius / MathF.Sqrt(first)), g = Math.Min(1, radius / MathF.Sqrt(second));
            scale *= Vector128.Create(f, f, g, g);
        }

        var (box, shift) = (Vector128.Create(Box), Vector128.Create(offset));
        var errors = Vector128<float>.Zero;
        var norms = Vector128<int>.Zero;
        for (var i = 0; i < Dimensions; i += 4)
        {
            var y = Vector128.MinNative(Vector128.MaxNative(Vector128.Load(vector + i) * scale, -box), box);
            var point = Vector128.ConvertToInt32Native(Vector128.Round(y));
            var error = y - Vector128.ConvertToSingle(point);
            errors += error * error;
            norms += point * point;
            var words = Vector128.Narrow(point + shift, point + shift);
            *(uint*)(bytes + i) = Vector128.Narrow(words, words).AsUInt32().ToScalar();
        }

        squaredNorm = Vector128.Sum(norms);
        return Vector128.Sum(errors);
    }

    /// <summary>How far rounding can move half of the dimensions.</summary>
    private static float Rounding(int dimensions) => 0.5f * MathF.Sqrt(dimensions / 2f) + 0.01f;
}
