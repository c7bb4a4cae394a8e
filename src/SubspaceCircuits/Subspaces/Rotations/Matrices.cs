using System.Numerics;

namespace SubspaceCircuits.Subspaces.Rotations;

/// <summary>What is done to square matrices beside products, in blocks so that both sides of the diagonal stay in the cache.</summary>
internal static class Matrices
{
    private const int Block = 16;

    /// <summary><c>target = aᵀ</c></summary>
    public static void Transpose<T>(T[] a, T[] target, int d)
        where T : unmanaged
    {
        for (var rows = 0; rows < d; rows += Block)
        {
            for (var columns = 0; columns < d; columns += Block)
            {
                for (var i = rows; i < Math.Min(rows + Block, d); i++)
                {
                    for (var j = columns; j < Math.Min(columns + Block, d); j++)
                        target[i * d + j] = a[j * d + i];
                }
            }
        }
    }

    /// <summary><c>target = a − aᵀ</c></summary>
    public static void Skew<T>(T[] a, T[] target, int d)
        where T : unmanaged, INumber<T>
    {
        for (var rows = 0; rows < d; rows += Block)
        {
            for (var columns = 0; columns < d; columns += Block)
            {
                for (var i = rows; i < Math.Min(rows + Block, d); i++)
                {
                    for (var j = columns; j < Math.Min(columns + Block, d); j++)
                        target[i * d + j] = a[i * d + j] - a[j * d + i];
                }
            }
        }
    }

    public static void Narrow<T>(this double[] source, T[] target)
        where T : unmanaged, INumber<T>
    {
        for (var at = 0; at < target.Length; at++)
            target[at] = T.CreateTruncating(source[at]);
    }

    public static double[] Widen<T>(this T[] source)
        where T : unmanaged, INumber<T> => Array.ConvertAll(source, double.CreateTruncating);
}
