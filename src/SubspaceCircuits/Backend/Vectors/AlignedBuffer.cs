using System.Runtime.InteropServices;

namespace SubspaceCircuits.Backend.Vectors;

/// <summary>Memory outside the collected heap, on a cache line, zeroed when it grows. Owns its memory and frees it.</summary>
internal sealed unsafe class AlignedBuffer<T> : IDisposable
    where T : unmanaged
{
    private const int Alignment = 64;

    public AlignedBuffer(long length = 0) => Ensure(length);

    /// <summary>The memory; another place after <see cref="Ensure"/> has grown it.</summary>
    public T* Pointer { get; private set; }

    public long Length { get; private set; }

    public Span<T> Span => new(Pointer, checked((int)Length));

    /// <summary>Grows to at least a length; what it held is lost when it grows.</summary>
    public T* Ensure(long length)
    {
        if (length <= Length && Pointer != null)
            return Pointer;
        NativeMemory.AlignedFree(Pointer);
        var bytes = checked((nuint)(length * sizeof(T)) + Alignment);
        Pointer = (T*)NativeMemory.AlignedAlloc(bytes, Alignment);
        NativeMemory.Clear(Pointer, bytes);
        Length = length;
        return Pointer;
    }

    /// <summary>As <see cref="Ensure"/>, of just this length.</summary>
    public Span<T> Ensured(long length) => new(Ensure(length), checked((int)length));

    public void Dispose()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
        Length = 0;
        GC.SuppressFinalize(this);
    }

    ~AlignedBuffer() => NativeMemory.AlignedFree(Pointer);
}
