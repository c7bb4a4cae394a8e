using System.Runtime.CompilerServices;

namespace SubspaceCircuits.Backend.Vectors;

/// <summary>
/// <c>C = A B</c> in float32 with B packed: tiles of rows by columns stay in registers while the depth is run through (Goto and van de
/// Geijn 2008). A's elements are broadcast, B's and C's columns lie in vectors.
/// </summary>
/// <remarks>
/// B is packed in panels of three vectors of columns; what remains is one panel of one or two vectors, filled up with zeros. A panel is
/// [depth, columns of the panel]. The order of a sum's terms does not depend on the row, so equal rows of A give equal rows of C.
/// </remarks>
internal static unsafe class PackedProduct<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Rows of A and C are a multiple of this.</summary>
    public const int RowUnit = 12;

    /// <summary>Rows that stay in the second cache while all panels pass.</summary>
    private const int RowsAtOnce = 8 * RowUnit;

    private const int DepthBlock = 256;

    /// <summary>Columns that <paramref name="columns"/> take, with padding.</summary>
    public static int Padded(int columns) => (columns + TLanes.Width - 1) / TLanes.Width * TLanes.Width;

    /// <summary>Packs B.</summary>
    /// <param name="b">Element (depth, column) is at <c>depth·depthStep + column·columnStep</c>.</param>
    /// <param name="depthStep">Step along the depth.</param>
    /// <param name="columnStep">Step along the columns.</param>
    /// <param name="depth">Terms of each sum.</param>
    /// <param name="columns">Columns of B.</param>
    /// <param name="packed">[Padded(columns) · depth]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(float* b, nint depthStep, nint columnStep, int depth, int columns, float* packed)
    {
        for (var first = 0; first < Padded(columns); first += 3 * TLanes.Width)
        {
            var width = Math.Min(3 * TLanes.Width, Padded(columns) - first);
            if (columnStep == 1 && first + width <= columns)
            {
                for (var k = 0; k < depth; k++)
                {
                    for (var column = 0; column < width; column += TLanes.Width)
                        TLanes.Store(TLanes.Load(b + k * depthStep + first + column), packed + column);
                    packed += width;
                }

                continue;
            }

            for (var k = 0; k < depth; k++)
            {
                for (var column = first; column < first + width; column++)
                    *packed++ = column < columns ? b[k * depthStep + column * columnStep] : 0;
            }
        }
    }

    /// <summary>Computes C.</summary>
    /// <param name="a">A, [rows, depth].</param>
    /// <param name="aStride">Step from row to row of A.</param>
    /// <param name="rows">A multiple of <see cref="RowUnit"/>.</param>
    /// <param name="packed">B, packed.</param>
    /// <param name="depth">Terms of each sum.</param>
    /// <param name="c">C, [rows, Padded(columns)].</param>
    /// <param name="cStride">Step from row to row of C, at least Padded(columns).</param>
    /// <param name="columns">Columns of B.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, nint aStride, int rows, float* packed, int depth, float* c, nint cStride, int columns)
    {
        for (var first = 0; first < Padded(columns); first += 3 * TLanes.Width)
        {
            var vectors = Math.Min(3, (Padded(columns) - first) / TLanes.Width);
            for (var block = 0; block < depth; block += DepthBlock)
            {
                var terms = Math.Min(DepthBlock, depth - block);
                var panel = packed + (nint)first * depth + (nint)block * vectors * TLanes.Width;
                for (var row = 0; row < rows;)
                {
                    float* left = a + row * aStride + block, tile = c + row * cStride + first;
                    if (vectors == 3)
                    {
                        FourByThree(left, aStride, panel, terms, tile, cStride, block > 0);
                        row += 4;
                    }
                    else if (vectors == 2)
                    {
                        SixByTwo(left, aStride, panel, terms, tile, cStride, block > 0);
                        row += 6;
                    }
                    else
                    {
                        TwelveByOne(left, aStride, panel, terms, tile, cStride, block > 0);
                        row += 12;
                    }
                }
            }
        }
    }

    /// <summary>Rows that C takes, with padding.</summary>
    public static int PaddedRows(int rows) => (rows + RowUnit - 1) / RowUnit * RowUnit;

    /// <summary>Computes C for any number of rows.</summary>
    /// <param name="a">A, [rows, depth]; nothing behind it is read.</param>
    /// <param name="aStride">Step from row to row of A.</param>
    /// <param name="rows">Rows of A.</param>
    /// <param name="packed">B, packed.</param>
    /// <param name="depth">Terms of each sum.</param>
    /// <param name="c">C, [PaddedRows(rows), Padded(columns)].</param>
    /// <param name="cStride">Step from row to row of C, at least Padded(columns).</param>
    /// <param name="columns">Columns of B.</param>
    public static void MultiplyAny(float* a, nint aStride, int rows, float* packed, int depth, float* c, nint cStride, int columns)
    {
        var whole = rows / RowUnit * RowUnit;
        for (var row = 0; row < whole; row += RowsAtOnce)
            Multiply(a + row * aStride, aStride, Math.Min(RowsAtOnce, whole - row), packed, depth, c + row * cStride, cStride, columns);
        if (whole == rows)
            return;
        using var last = new AlignedBuffer<float>((long)RowUnit * depth);
        for (var row = whole; row < rows; row++)
            new ReadOnlySpan<float>(a + row * aStride, depth).CopyTo(new Span<float>(last.Pointer + (nint)(row - whole) * depth, depth));
        Multiply(last.Pointer, depth, RowUnit, packed, depth, c + whole * cStride, cStride, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByThree(float* a, nint aStride, float* b, int depth, float* c, nint cStride, bool isSum)
    {
        var w = TLanes.Width;
        float* a1 = a + aStride, a2 = a1 + aStride, a3 = a2 + aStride;
        float* c1 = c + cStride, c2 = c1 + cStride, c3 = c2 + cStride;
        TVector s00 = TLanes.Zero, s01 = TLanes.Zero, s02 = TLanes.Zero, s10 = TLanes.Zero, s11 = TLanes.Zero, s12 = TLanes.Zero;
        TVector s20 = TLanes.Zero, s21 = TLanes.Zero, s22 = TLanes.Zero, s30 = TLanes.Zero, s31 = TLanes.Zero, s32 = TLanes.Zero;
        if (isSum)
        {
            (s00, s01, s02) = (TLanes.Load(c), TLanes.Load(c + w), TLanes.Load(c + 2 * w));
            (s10, s11, s12) = (TLanes.Load(c1), TLanes.Load(c1 + w), TLanes.Load(c1 + 2 * w));
            (s20, s21, s22) = (TLanes.Load(c2), TLanes.Load(c2 + w), TLanes.Load(c2 + 2 * w));
            (s30, s31, s32) = (TLanes.Load(c3), TLanes.Load(c3 + w), TLanes.Load(c3 + 2 * w));
        }

        for (nint k = 0; k < depth; k++)
        {
            TVector b0 = TLanes.Load(b), b1 = TLanes.Load(b + w), b2 = TLanes.Load(b + 2 * w);
            var left = TLanes.Broadcast(a[k]);
            s00 = TLanes.MultiplyAdd(left, b0, s00);
            s01 = TLanes.MultiplyAdd(left, b1, s01);
            s02 = TLanes.MultiplyAdd(left, b2, s02);
            left = TLanes.Broadcast(a1[k]);
            s10 = TLanes.MultiplyAdd(left, b0, s10);
            s11 = TLanes.MultiplyAdd(left, b1, s11);
            s12 = TLanes.MultiplyAdd(left, b2, s12);
            left = TLanes.Broadcast(a2[k]);
            s20 = TLanes.MultiplyAdd(left, b0, s20);
            s21 = TLanes.MultiplyAdd(left, b1, s21);
            s22 = TLanes.MultiplyAdd(left, b2, s22);
            left = TLanes.Broadcast(a3[k]);
            s30 = TLanes.MultiplyAdd(left, b0, s30);
            s31 = TLanes.MultiplyAdd(left, b1, s31);
            s32 = TLanes.MultiplyAdd(left, b2, s32);
            b += 3 * w;
        }

        TLanes.Store(s00, c);
        TLanes.Store(s01, c + w);
        TLanes.Store(s02, c + 2 * w);
        TLanes.Store(s10, c1);
        TLanes.Store(s11, c1 + w);
        TLanes.Store(s12, c1 + 2 * w);
        TLanes.Store(s20, c2);
        TLanes.Store(s21, c2 + w);
        TLanes.Store(s22, c2 + 2 * w);
        TLanes.Store(s30, c3);
        TLanes.Store(s31, c3 + w);
        TLanes.Store(s32, c3 + 2 * w);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SixByTwo(float* a, nint aStride, float* b, int depth, float* c, nint cStride, bool isSum)
    {
        var w = TLanes.Width;
        float* a1 = a + aStride, a2 = a1 + aStride, a3 = a2 + aStride, a4 = a3 + aStride, a5 = a4 + aStride;
        float* c1 = c + cStride, c2 = c1 + cStride, c3 = c2 + cStride, c4 = c3 + cStride, c5 = c4 + cStride;
        TVector s00 = TLanes.Zero, s01 = TLanes.Zero, s10 = TLanes.Zero, s11 = TLanes.Zero, s20 = TLanes.Zero, s21 = TLanes.Zero;
        TVector s30 = TLanes.Zero, s31 = TLanes.Zero, s40 = TLanes.Zero, s41 = TLanes.Zero, s50 = TLanes.Zero, s51 = TLanes.Zero;
        if (isSum)
        {
            (s00, s01, s10, s11) = (TLanes.Load(c), TLanes.Load(c + w), TLanes.Load(c1), TLanes.Load(c1 + w));
            (s20, s21, s30, s31) = (TLanes.Load(c2), TLanes.Load(c2 + w), TLanes.Load(c3), TLanes.Load(c3 + w));
            (s40, s41, s50, s51) = (TLanes.Load(c4), TLanes.Load(c4 + w), TLanes.Load(c5), TLanes.Load(c5 + w));
        }

        for (nint k = 0; k < depth; k++)
        {
            TVector b0 = TLanes.Load(b), b1 = TLanes.Load(b + w);
            var left = TLanes.Broadcast(a[k]);
            s00 = TLanes.MultiplyAdd(left, b0, s00);
            s01 = TLanes.MultiplyAdd(left, b1, s01);
            left = TLanes.Broadcast(a1[k]);
            s10 = TLanes.MultiplyAdd(left, b0, s10);
            s11 = TLanes.MultiplyAdd(left, b1, s11);
            left = TLanes.Broadcast(a2[k]);
            s20 = TLanes.MultiplyAdd(left, b0, s20);
            s21 = TLanes.MultiplyAdd(left, b1, s21);
            left = TLanes.Broadcast(a3[k]);
            s30 = TLanes.MultiplyAdd(left, b0, s30);
            s31 = TLanes.MultiplyAdd(left, b1, s31);
            left = TLanes.Broadcast(a4[k]);
            s40 = TLanes.MultiplyAdd(left, b0, s40);
            s41 = TLanes.MultiplyAdd(left, b1, s41);
            left = TLanes.Broadcast(a5[k]);
            s50 = TLanes.MultiplyAdd(left, b0, s50);
            s51 = TLanes.MultiplyAdd(left, b1, s51);
            b += 2 * w;
        }

        TLanes.Store(s00, c);
        TLanes.Store(s01, c + w);
        TLanes.Store(s10, c1);
        TLanes.Store(s11, c1 + w);
        TLanes.Store(s20, c2);
        TLanes.Store(s21, c2 + w);
        TLanes.Store(s30, c3);
        TLanes.Store(s31, c3 + w);
        TLanes.Store(s40, c4);
        TLanes.Store(s41, c4 + w);
        TLanes.Store(s50, c5);
        TLanes.Store(s51, c5 + w);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwelveByOne(float* a, nint aStride, float* b, int depth, float* c, nint cStride, bool isSum)
    {
        float* a3 = a + 3 * aStride, a6 = a3 + 3 * aStride, a9 = a6 + 3 * aStride;
        float* c3 = c + 3 * cStride, c6 = c3 + 3 * cStride, c9 = c6 + 3 * cStride;
        nint one = aStride, two = 2 * aStride;
        TVector s0 = TLanes.Zero, s1 = TLanes.Zero, s2 = TLanes.Zero, s3 = TLanes.Zero, s4 = TLanes.Zero, s5 = TLanes.Zero;
        TVector s6 = TLanes.Zero, s7 = TLanes.Zero, s8 = TLanes.Zero, s9 = TLanes.Zero, s10 = TLanes.Zero, s11 = TLanes.Zero;
        if (isSum)
        {
            (s0, s1, s2) = (TLanes.Load(c), TLanes.Load(c + cStride), TLanes.Load(c + 2 * cStride));
            (s3, s4, s5) = (TLanes.Load(c3), TLanes.Load(c3 + cStride), TLanes.Load(c3 + 2 * cStride));
            (s6, s7, s8) = (TLanes.Load(c6), TLanes.Load(c6 + cStride), TLanes.Load(c6 + 2 * cStride));
            (s9, s10, s11) = (TLanes.Load(c9), TLanes.Load(c9 + cStride), TLanes.Load(c9 + 2 * cStride));
        }

        for (nint k = 0; k < depth; k++)
        {
            var right = TLanes.Load(b);
            s0 = TLanes.MultiplyAdd(TLanes.Broadcast(a[k]), right, s0);
            s1 = TLanes.MultiplyAdd(TLanes.Broadcast(a[k + one]), right, s1);
            s2 = TLanes.MultiplyAdd(TLanes.Broadcast(a[k + two]), right, s2);
            s3 = TLanes.MultiplyAdd(TLanes.Broadcast(a3[k]), right, s3);
            s4 = TLanes.MultiplyAdd(TLanes.Broadcast(a3[k + one]), right, s4);
            s5 = TLanes.MultiplyAdd(TLanes.Broadcast(a3[k + two]), right, s5);
            s6 = TLanes.MultiplyAdd(TLanes.Broadcast(a6[k]), right, s6);
            s7 = TLanes.MultiplyAdd(TLanes.Broadcast(a6[k + one]), right, s7);
            s8 = TLanes.MultiplyAdd(TLanes.Broadcast(a6[k + two]), right, s8);
            s9 = TLanes.MultiplyAdd(TLanes.Broadcast(a9[k]), right, s9);
            s10 = TLanes.MultiplyAdd(TLanes.Broadcast(a9[k + one]), right, s10);
            s11 = TLanes.MultiplyAdd(TLanes.Broadcast(a9[k + two]), right, s11);
            b += TLanes.Width;
        }

        TLanes.Store(s0, c);
        TLanes.Store(s1, c + cStride);
        TLanes.Store(s2, c + 2 * cStride);
        TLanes.Store(s3, c3);
        TLanes.Store(s4, c3 + cStride);
        TLanes.Store(s5, c3 + 2 * cStride);
        TLanes.Store(s6, c6);
        TLanes.Store(s7, c6 + cStride);
        TLanes.Store(s8, c6 + 2 * cStride);
        TLanes.Store(s9, c9);
        TLanes.Store(s10, c9 + cStride);
        TLanes.Store(s11, c9 + 2 * cStride);
    }
}
