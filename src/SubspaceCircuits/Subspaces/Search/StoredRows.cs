using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>
/// Rows of activations in their storage type, read as float32 less a constant: distances do not change when it is the same for queries
/// and keys, and numbers near zero lose less. The tensor stays the caller's and must outlive this.
/// </summary>
internal sealed unsafe class StoredRows
{
    private const int Width = 8, CacheLine = 64;

    private readonly Tensor _tensor;
    private readonly byte* _start;
    private readonly ScalarType _type;

    /// <exception cref="ArgumentException">Not [row, d_model] of a type that is read, or not finite.</exception>
    public StoredRows(Tensor rows)
    {
        if (rows.dim() != 2 || rows.dtype is not (ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32))
            throw new ArgumentException($"Activations should be [row, d_model] in float16, bfloat16 or float32, but are [{string.Join(", ", rows.shape)}] in {rows.dtype}.");
        _tensor = rows.is_contiguous() && rows.device_type == DeviceType.CPU ? rows : rows.cpu().contiguous();
        (Count, DModel, _type) = ((int)rows.shape[0], (int)rows.shape[1], rows.dtype);
        fixed (byte* start = _tensor.bytes)
            _start = start; // libtorch's memory, which does not move
        RequireFinite();
    }

    public int Count { get; }

    public int DModel { get; }

    /// <summary>Mean of the rows. [d_model]</summary>
    public float[] Mean()
    {
        var sums = new double[DModel];
        var row = stackalloc float[DModel];
        for (var i = 0; i < Count; i++)
        {
            Load(i, row, null);
            for (var column = 0; column < DModel; column++)
                sums[column] += row[column];
        }

        return [.. sums.Select(sum => (float)(sum / Count))];
    }

    /// <summary>Of every set of rows that are equal bit for bit the first, in order.</summary>
    public int[] FirstsOfEqual()
    {
        var bytes = DModel * (_type is ScalarType.Float32 ? sizeof(float) : sizeof(ushort));
        Dictionary<ulong, List<int>> seen = new(Count);
        List<int> firsts = new(Count);
        ReadOnlySpan<byte> Bytes(int row) => new(_start + (nint)row * bytes, bytes);
        for (var row = 0; row < Count; row++)
        {
            var hash = Hash(Bytes(row));
            if (!seen.TryGetValue(hash, out var alike))
                seen[hash] = [row];
            else if (alike.Exists(other => Bytes(other).SequenceEqual(Bytes(row))))
                continue;
            else
                alike.Add(row);
            firsts.Add(row);
        }

        return [.. firsts];
    }

    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037UL; // FNV-1a over words
        foreach (var word in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(bytes))
            hash = (hash ^ word) * 1099511628211UL;
        return hash;
    }

    /// <summary>Reads consecutive rows.</summary>
    /// <param name="first">First row.</param>
    /// <param name="count">Rows.</param>
    /// <param name="target">[count, stride]</param>
    /// <param name="stride">At least d_model.</param>
    /// <param name="center">Subtracted from every row, or null. [d_model]</param>
    public void Load(int first, int count, float* target, int stride, float* center)
    {
        for (var row = 0; row < count; row++)
            Load(first + row, target + (nint)row * stride, center);
    }

    /// <summary>Reads one row.</summary>
    public void Load(int row, float* target, float* center)
    {
        switch (_type)
        {
            case ScalarType.Float16:
                LoadHalf((ushort*)_start + (nint)row * DModel, target, DModel, center);
                break;
            case ScalarType.BFloat16:
                LoadBrain((ushort*)_start + (nint)row * DModel, target, DModel, center);
                break;
            default:
                LoadFloat((float*)_start + (nint)row * DModel, target, DModel, center);
                break;
        }
    }

    /// <summary>Asks for a row's memory before it is read.</summary>
    public void Prefetch(int row)
    {
        if (!Sse.IsSupported)
            return;
        var bytes = (nint)DModel * (_type is ScalarType.Float32 ? sizeof(float) : sizeof(ushort));
        for (nint at = 0; at < bytes; at += CacheLine)
            Sse.Prefetch0(_start + row * bytes + at);
    }

    /// <summary>Exact for every finite half: its bits stand thirteen places higher in a float, whose exponent's bias is 2¹¹² greater.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LoadHalf(ushort* source, float* target, int count, float* center)
    {
        const float Bias = 5.192296858534828e33f; // 2¹¹²
        var (bias, mask) = (Vector256.Create(Bias), Vector256.Create(0x8fffe000u));
        var column = 0;
        for (; column <= count - Width; column += Width)
        {
            var scaled = ((Widen(source + column) << 13).AsUInt32() & mask).AsSingle() * bias; // without rounding
            (center == null ? scaled : scaled - Vector256.Load(center + column)).Store(target + column);
        }

        for (; column < count; column++)
            target[column] = (float)BitConverter.UInt16BitsToHalf(source[column]) - At(center, column);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LoadBrain(ushort* source, float* target, int count, float* center)
    {
        var column = 0;
        for (; column <= count - Width; column += Width)
        {
            var wide = (Widen(source + column) << 16).AsSingle();
            (center == null ? wide : wide - Vector256.Load(center + column)).Store(target + column);
        }

        for (; column < count; column++)
            target[column] = BitConverter.UInt32BitsToSingle((uint)source[column] << 16) - At(center, column);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LoadFloat(float* source, float* target, int count, float* center)
    {
        if (center == null)
        {
            new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(target, count));
            return;
        }

        var column = 0;
        for (; column <= count - Width; column += Width)
            (Vector256.Load(source + column) - Vector256.Load(center + column)).Store(target + column);
        for (; column < count; column++)
            target[column] = source[column] - center[column];
    }

    private static float At(float* center, int column) => center == null ? 0 : center[column];

    /// <summary>Eight numbers of 16 bits, their signs spread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Widen(ushort* source)
    {
        var packed = Vector128.Load((short*)source);
        return Avx2.IsSupported ? Avx2.ConvertToVector256Int32(packed) : Vector256.Create(Vector128.WidenLower(packed), Vector128.WidenUpper(packed));
    }

    private void RequireFinite()
    {
        using var scope = NewDisposeScope();
        if (!_tensor.isfinite().all().item<bool>())
            throw new ArgumentException("The activations hold values that are not finite. Look for overflow in half precision or a damaged file.");
    }
}
