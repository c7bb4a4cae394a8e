using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static SubspaceCircuits.Training.Engine.Lanes;

namespace SubspaceCircuits.Training.Engine;

/// <summary>
/// <c>C += A B</c> for small matrices in cache: tiles of 6 rows by 16 columns stay in registers while the depth is run through
/// (Goto and van de Geijn 2008, without packing). Reading A by strides makes <c>Aᵀ B</c> the same loop.
/// </summary>
internal static class MatrixProduct
{
    private const int TileRows = 6, TileColumns = 2 * Width, DepthBlock = 256;

    /// <summary><c>C += A B</c>.</summary>
    /// <param name="a">A's first element; element (row, depth) is at <c>row·aRow + depth·aDepth</c>.</param>
    /// <param name="aRow">Step from row to row of A.</param>
    /// <param name="aDepth">Step along the depth of A.</param>
    /// <param name="b">B, [depth, columns], rows contiguous.</param>
    /// <param name="bRow">Step from row to row of B.</param>
    /// <param name="c">C, [rows, columns], rows contiguous.</param>
    /// <param name="cRow">Step from row to row of C.</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="columns">Columns of B and C, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="depth">Terms of each sum.</param>
    public static void Add(ref float a, int aRow, int aDepth, ref float b, int bRow, ref float c, int cRow, int rows, int columns, int depth)
    {
        for (var block = 0; block < depth; block += DepthBlock)
        {
            var terms = Math.Min(DepthBlock, depth - block);
            ref var left = ref Unsafe.Add(ref a, block * aDepth);
            ref var right = ref Unsafe.Add(ref b, block * bRow);
            for (var column = 0; column < columns; column += TileColumns)
            {
                var isWide = columns - column >= TileColumns;
                for (var row = 0; row < rows; row += TileRows)
                {
                    ref var leftTile = ref Unsafe.Add(ref left, row * aRow);
                    ref var rightTile = ref Unsafe.Add(ref right, column);
                    ref var tile = ref Unsafe.Add(ref c, row * cRow + column);
                    if (isWide)
                        WideTile(ref leftTile, aRow, aDepth, ref rightTile, bRow, ref tile, cRow, Math.Min(TileRows, rows - row), terms);
                    else
                        NarrowTile(ref leftTile, aRow, aDepth, ref rightTile, bRow, ref tile, cRow, Math.Min(TileRows, rows - row), terms);
                }
            }
        }
    }

    // A tile with fewer than six rows computes its last row again in the place of the missing ones; all copies store the same value.
    private static void WideTile(ref float a, int aRow, int aDepth, ref float b, int bRow, ref float c, int cRow, int rows, int depth)
    {
        int r1 = Math.Min(1, rows - 1), r2 = Math.Min(2, rows - 1), r3 = Math.Min(3, rows - 1), r4 = Math.Min(4, rows - 1), r5 = Math.Min(5, rows - 1);
        ref var a1 = ref Unsafe.Add(ref a, r1 * aRow);
        ref var a2 = ref Unsafe.Add(ref a, r2 * aRow);
        ref var a3 = ref Unsafe.Add(ref a, r3 * aRow);
        ref var a4 = ref Unsafe.Add(ref a, r4 * aRow);
        ref var a5 = ref Unsafe.Add(ref a, r5 * aRow);
        Vector256<float> c00 = Load(ref c, 0), c01 = Load(ref c, Width), c10 = Load(ref c, r1 * cRow), c11 = Load(ref c, r1 * cRow + Width);
        Vector256<float> c20 = Load(ref c, r2 * cRow), c21 = Load(ref c, r2 * cRow + Width), c30 = Load(ref c, r3 * cRow), c31 = Load(ref c, r3 * cRow + Width);
        Vector256<float> c40 = Load(ref c, r4 * cRow), c41 = Load(ref c, r4 * cRow + Width), c50 = Load(ref c, r5 * cRow), c51 = Load(ref c, r5 * cRow + Width);
        nint at = 0, bt = 0;
        for (var term = 0; term < depth; term++)
        {
            ref var right = ref Unsafe.Add(ref b, bt);
            Vector256<float> b0 = Vector256.LoadUnsafe(ref right), b1 = Vector256.LoadUnsafe(ref right, Width);
            var left = Vector256.Create(Unsafe.Add(ref a, at));
            (c00, c01) = (Fma(left, b0, c00), Fma(left, b1, c01));
            left = Vector256.Create(Unsafe.Add(ref a1, at));
            (c10, c11) = (Fma(left, b0, c10), Fma(left, b1, c11));
            left = Vector256.Create(Unsafe.Add(ref a2, at));
            (c20, c21) = (Fma(left, b0, c20), Fma(left, b1, c21));
            left = Vector256.Create(Unsafe.Add(ref a3, at));
            (c30, c31) = (Fma(left, b0, c30), Fma(left, b1, c31));
            left = Vector256.Create(Unsafe.Add(ref a4, at));
            (c40, c41) = (Fma(left, b0, c40), Fma(left, b1, c41));
            left = Vector256.Create(Unsafe.Add(ref a5, at));
            (c50, c51) = (Fma(left, b0, c50), Fma(left, b1, c51));
            at += aDepth;
            bt += bRow;
        }

        (int o1, int o2, int o3, int o4, int o5) = (r1 * cRow, r2 * cRow, r3 * cRow, r4 * cRow, r5 * cRow);
        Store(c00, ref c, 0);
        Store(c01, ref c, Width);
        Store(c10, ref c, o1);
        Store(c11, ref c, o1 + Width);
        Store(c20, ref c, o2);
        Store(c21, ref c, o2 + Width);
        Store(c30, ref c, o3);
        Store(c31, ref c, o3 + Width);
        Store(c40, ref c, o4);
        Store(c41, ref c, o4 + Width);
        Store(c50, ref c, o5);
        Store(c51, ref c, o5 + Width);
    }

    private static void NarrowTile(ref float a, int aRow, int aDepth, ref float b, int bRow, ref float c, int cRow, int rows, int depth)
    {
        int r1 = Math.Min(1, rows - 1), r2 = Math.Min(2, rows - 1), r3 = Math.Min(3, rows - 1), r4 = Math.Min(4, rows - 1), r5 = Math.Min(5, rows - 1);
        ref var a1 = ref Unsafe.Add(ref a, r1 * aRow);
        ref var a2 = ref Unsafe.Add(ref a, r2 * aRow);
        ref var a3 = ref Unsafe.Add(ref a, r3 * aRow);
        ref var a4 = ref Unsafe.Add(ref a, r4 * aRow);
        ref var a5 = ref Unsafe.Add(ref a, r5 * aRow);
        Vector256<float> c0 = Load(ref c, 0), c1 = Load(ref c, r1 * cRow), c2 = Load(ref c, r2 * cRow), c3 = Load(ref c, r3 * cRow), c4 = Load(ref c, r4 * cRow), c5 = Load(ref c, r5 * cRow);
        nint at = 0, bt = 0;
        for (var term = 0; term < depth; term++)
        {
            var right = Vector256.LoadUnsafe(ref Unsafe.Add(ref b, bt));
            c0 = Fma(Vector256.Create(Unsafe.Add(ref a, at)), right, c0);
            c1 = Fma(Vector256.Create(Unsafe.Add(ref a1, at)), right, c1);
            c2 = Fma(Vector256.Create(Unsafe.Add(ref a2, at)), right, c2);
            c3 = Fma(Vector256.Create(Unsafe.Add(ref a3, at)), right, c3);
            c4 = Fma(Vector256.Create(Unsafe.Add(ref a4, at)), right, c4);
            c5 = Fma(Vector256.Create(Unsafe.Add(ref a5, at)), right, c5);
            at += aDepth;
            bt += bRow;
        }

        Store(c0, ref c, 0);
        Store(c1, ref c, r1 * cRow);
        Store(c2, ref c, r2 * cRow);
        Store(c3, ref c, r3 * cRow);
        Store(c4, ref c, r4 * cRow);
        Store(c5, ref c, r5 * cRow);
    }
}
