using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SubspaceCircuits.Backend;
using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>
/// Rotates many rows at a time in bfloat16 with libtorch, twice as fast as in float32 where the machine multiplies bfloat16; how far a
/// row's coordinates may be off is bounded. Owns its tensors and disposes them.
/// </summary>
internal sealed unsafe class BrainFloatRows : IDisposable
{
    /// <summary>Width from which it pays.</summary>
    public const int LeastWidth = 128;

    private const float HalfStep = 1f / 512; // of rounding to eight bits, as a share

    private readonly Tensor _rows, _rotation;
    private readonly ushort* _start;
    private readonly int _d, _columns;
    private readonly float[] _errors;
    private Tensor? _rotated;

    /// <param name="capacity">Rows at most.</param>
    /// <param name="d">d_model.</param>
    /// <param name="rotation">[d_model, columns]</param>
    /// <param name="columns">Where the subspaces lie in it.</param>
    public BrainFloatRows(int capacity, int d, float* rotation, SubspaceColumns columns)
    {
        using var scope = NewDisposeScope();
        (_d, _columns) = (d, columns.Count);
        _rows = empty(capacity, d, dtype: bfloat16).DetachFromDisposeScope();
        _start = Start(_rows);
        var exact = tensor(new Span<float>(rotation, d * columns.Count).ToArray(), [d, columns.Count]);
        _rotation = exact.to(bfloat16).DetachFromDisposeScope();
        var rounded = _rotation.to(float32).data<float>().ToArray();
        _errors = new float[columns.Chosen.Length];
        fixed (float* near = rounded)
        {
            for (var s = 0; s < _errors.Length; s++)
                _errors[s] = Error(DriftBound.Of(rotation, near, d, columns.Starts[s], columns.Padded[s], columns.Count), columns.Padded[s]);
        }
    }

    /// <summary>
    /// How far a row's coordinates in a subspace may be off, as a share of its distance from the center: the row's rounding and that of the
    /// result (½ ulp each), that of the rotation, and sums in float32.
    /// </summary>
    public float Error(int subspace) => _errors[subspace];

    /// <summary>Rotates rows of a block.</summary>
    /// <param name="rows">The block.</param>
    /// <param name="first">First row.</param>
    /// <param name="count">Rows, at most the capacity.</param>
    /// <param name="center">Subtracted. [d_model]</param>
    /// <param name="threads">Threads that read; libtorch has its own.</param>
    public void Rotate(StoredRows rows, int first, int count, float* center, int threads)
    {
        const int Piece = 128;
        Parts.Each(threads, (count + Piece - 1) / Piece, (_, piece) =>
        {
            using var row = new AlignedBuffer<float>(_d);
            for (var i = piece * Piece; i < Math.Min(count, (piece + 1) * Piece); i++)
            {
                rows.Load(first + i, row.Pointer, center);
                Round(row.Pointer, _start + (nint)i * _d, _d);
            }
        });
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        _rotated?.Dispose();
        _rotated = _rows.narrow(0, 0, count).matmul(_rotation).DetachFromDisposeScope();
    }

    /// <summary>Reads rotated rows.</summary>
    /// <param name="first">First row of those that were rotated last.</param>
    /// <param name="count">Rows.</param>
    /// <param name="target">[count, stride]</param>
    /// <param name="stride">Step from row to row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Read(int first, int count, float* target, int stride)
    {
        var source = Start(_rotated!) + (nint)first * _columns;
        for (var row = 0; row < count; row++, source += _columns, target += stride)
        {
            var column = 0;
            for (; column <= _columns - 8; column += 8)
                (Vector256.Create(Vector128.WidenLower(Vector128.Load(source + column)), Vector128.WidenUpper(Vector128.Load(source + column))) << 16).AsSingle().Store(target + column);
            for (; column < _columns; column++)
                target[column] = BitConverter.UInt32BitsToSingle((uint)source[column] << 16);
        }
    }

    public void Dispose()
    {
        _rows.Dispose();
        _rotation.Dispose();
        _rotated?.Dispose();
    }

    /// <summary>To the nearest bfloat16, ties to even; the values are finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Round(float* source, ushort* target, int count)
    {
        var column = 0;
        for (; column <= count - 16; column += 16)
            Vector256.Narrow(Rounded(Vector256.Load(source + column).AsUInt32()), Rounded(Vector256.Load(source + column + 8).AsUInt32())).Store(target + column);
        for (; column < count; column++)
        {
            var bits = BitConverter.SingleToUInt32Bits(source[column]);
            target[column] = (ushort)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Rounded(Vector256<uint> bits) => (bits + Vector256.Create(0x7fffu) + ((bits >> 16) & Vector256.Create(1u))) >> 16;

    private static ushort* Start(Tensor tensor)
    {
        fixed (byte* start = tensor.bytes)
            return (ushort*)start; // libtorch's memory, which does not move
    }

    private float Error(float ofRotation, int size) => 2 * HalfStep + ofRotation * (1 + HalfStep) + _d * 6e-8f * MathF.Sqrt(size) + 1e-5f;
}
