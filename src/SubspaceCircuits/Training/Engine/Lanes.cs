using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SubspaceCircuits.Training.Engine;

/// <summary>
/// Eight floats at once. Rows of the engine's matrices are padded with zeros to a multiple of eight, so that no loop has a remainder.
/// </summary>
internal static class Lanes
{
    public const int Width = 8;

    /// <summary>Rounds up to whole lanes.</summary>
    public static int Pad(int count) => (count + Width - 1) / Width * Width;

    /// <summary>Grows a buffer where it is too small; what it held is lost.</summary>
    public static float[] Ensure(ref float[] buffer, int length)
    {
        if (buffer.Length < length)
            buffer = new float[Math.Max(length, buffer.Length * 3 / 2)];
        return buffer;
    }

    public static ref float At(float[] buffer, int index = 0) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(buffer), index);

    public static Vector256<float> Load(ref float start, int index) => Vector256.LoadUnsafe(ref start, (nuint)index);

    public static void Store(Vector256<float> value, ref float start, int index) => value.StoreUnsafe(ref start, (nuint)index);

    public static Vector256<float> Fma(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.MultiplyAddEstimate(a, b, c);

    /// <summary><c>target += source</c> over whole lanes.</summary>
    public static void Add(ref float source, ref float target, int length)
    {
        for (var i = 0; i < length; i += Width)
            Store(Load(ref target, i) + Load(ref source, i), ref target, i);
    }

    /// <summary><c>target += Σ_rows source</c>: the gradient of a bias.</summary>
    public static void AddRows(float[] source, int rows, int width, ref float target)
    {
        for (var row = 0; row < rows; row++)
            Add(ref At(source, row * width), ref target, width);
    }

    /// <summary>Sets every row to a bias.</summary>
    public static void FillRows(float[] target, int rows, int width, ReadOnlySpan<float> bias)
    {
        for (var row = 0; row < rows; row++)
            bias.CopyTo(target.AsSpan(row * width, width));
    }
}
