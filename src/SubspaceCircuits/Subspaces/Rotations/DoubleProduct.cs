using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SubspaceCircuits.Backend;
using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Rotations;

/// <summary>Products in float64 for matrices that fit into the caches: four rows by three vectors of columns stay in registers.</summary>
internal sealed unsafe class DoubleProduct(int d, int threads) : ISquareProduct<double>
{
    private const int Rows = 4, Width = 4, Columns = 3 * Width, WorthThreads = 96;

    private readonly int _rows = (d + Rows - 1) / Rows * Rows, _stride = (d + Columns - 1) / Columns * Columns;
    private readonly AlignedBuffer<double> _a = new((long)((d + Rows - 1) / Rows * Rows) * d);
    private readonly AlignedBuffer<double> _b = new((long)d * ((d + Columns - 1) / Columns * Columns));

    public void Multiply(double[] a, double[] b, double[] c)
    {
        a.AsSpan(0, d * d).CopyTo(_a.Span);
        for (var row = 0; row < d; row++)
            b.AsSpan(row * d, d).CopyTo(_b.Span[(row * _stride)..]);
        var groups = _rows / Rows;
        var parts = d < WorthThreads ? 1 : threads;
        Parts.Each(parts, parts, (_, part) => Rows4(c, Rows * (int)((long)groups * part / parts), Rows * (int)((long)groups * (part + 1) / parts)));
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Rows4(double[] c, int first, int end)
    {
        double* tile = stackalloc double[Rows * Columns];
        for (var row = first; row < end; row += Rows)
        {
            for (var column = 0; column < _stride; column += Columns)
            {
                Tile(_a.Pointer + (nint)row * d, _b.Pointer + column, tile);
                var width = Math.Min(Columns, d - column);
                for (var i = 0; i < Math.Min(Rows, d - row); i++)
                    new ReadOnlySpan<double>(tile + i * Columns, width).CopyTo(c.AsSpan((row + i) * d + column, width));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Tile(double* a, double* b, double* c)
    {
        double* a1 = a + d, a2 = a1 + d, a3 = a2 + d;
        Vector256<double> s00 = default, s01 = default, s02 = default, s10 = default, s11 = default, s12 = default;
        Vector256<double> s20 = default, s21 = default, s22 = default, s30 = default, s31 = default, s32 = default;
        for (nint k = 0; k < d; k++, b += _stride)
        {
            Vector256<double> b0 = Vector256.Load(b), b1 = Vector256.Load(b + Width), b2 = Vector256.Load(b + 2 * Width);
            var left = Vector256.Create(a[k]);
            s00 = Vector256.MultiplyAddEstimate(left, b0, s00);
            s01 = Vector256.MultiplyAddEstimate(left, b1, s01);
            s02 = Vector256.MultiplyAddEstimate(left, b2, s02);
            left = Vector256.Create(a1[k]);
            s10 = Vector256.MultiplyAddEstimate(left, b0, s10);
            s11 = Vector256.MultiplyAddEstimate(left, b1, s11);
            s12 = Vector256.MultiplyAddEstimate(left, b2, s12);
            left = Vector256.Create(a2[k]);
            s20 = Vector256.MultiplyAddEstimate(left, b0, s20);
            s21 = Vector256.MultiplyAddEstimate(left, b1, s21);
            s22 = Vector256.MultiplyAddEstimate(left, b2, s22);
            left = Vector256.Create(a3[k]);
            s30 = Vector256.MultiplyAddEstimate(left, b0, s30);
            s31 = Vector256.MultiplyAddEstimate(left, b1, s31);
            s32 = Vector256.MultiplyAddEstimate(left, b2, s32);
        }

        s00.Store(c);
        s01.Store(c + Width);
        s02.Store(c + 2 * Width);
        c += Columns;
        s10.Store(c);
        s11.Store(c + Width);
        s12.Store(c + 2 * Width);
        c += Columns;
        s20.Store(c);
        s21.Store(c + Width);
        s22.Store(c + 2 * Width);
        c += Columns;
        s30.Store(c);
        s31.Store(c + Width);
        s32.Store(c + 2 * Width);
    }
}
