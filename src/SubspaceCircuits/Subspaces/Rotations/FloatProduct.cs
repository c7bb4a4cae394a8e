using SubspaceCircuits.Backend;
using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Rotations;

/// <summary>Products in float32, for large matrices.</summary>
internal sealed unsafe class FloatProduct<TLanes, TVector>(int d, int threads) : ISquareProduct<float>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private const int Unit = PackedProduct<TLanes, TVector>.RowUnit;

    private readonly int _rows = PackedProduct<TLanes, TVector>.PaddedRows(d);
    private readonly AlignedBuffer<float> _a = new((long)PackedProduct<TLanes, TVector>.PaddedRows(d) * d), _packed = new((long)PackedProduct<TLanes, TVector>.Padded(d) * d);
    private readonly AlignedBuffer<float> _c = new((long)PackedProduct<TLanes, TVector>.PaddedRows(d) * PackedProduct<TLanes, TVector>.Padded(d));

    public void Multiply(float[] a, float[] b, float[] c)
    {
        a.AsSpan(0, d * d).CopyTo(_a.Span);
        fixed (float* source = b)
            PackedProduct<TLanes, TVector>.Pack(source, d, 1, d, d, _packed.Pointer);
        var (groups, width) = (_rows / Unit, PackedProduct<TLanes, TVector>.Padded(d));
        Parts.Each(threads, threads, (_, part) =>
        {
            int first = Unit * (int)((long)groups * part / threads), end = Unit * (int)((long)groups * (part + 1) / threads);
            PackedProduct<TLanes, TVector>.MultiplyAny(_a.Pointer + (nint)first * d, d, end - first, _packed.Pointer, d, _c.Pointer + (nint)first * width, width, d);
            for (var row = first; row < Math.Min(end, d); row++)
                new ReadOnlySpan<float>(_c.Pointer + (nint)row * width, d).CopyTo(c.AsSpan(row * d, d));
        });
    }

    public void Dispose()
    {
        _a.Dispose();
        _packed.Dispose();
        _c.Dispose();
    }
}
