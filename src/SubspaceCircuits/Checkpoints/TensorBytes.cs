namespace SubspaceCircuits.Checkpoints;

/// <summary>Moves the bytes of tensors in blocks that fit a span, so that neither a tensor nor a file has a size limit.</summary>
internal static class TensorBytes
{
    /// <summary>torch iterates over at most this many dimensions.</summary>
    public const int MaxDimensions = 64;

    private const long BlockBytes = 64L << 20;

    /// <summary>What to do with one block of a tensor's memory.</summary>
    public delegate void BlockAction(Span<byte> block);

    /// <summary>
    /// Number of elements of a shape. False where a size is negative, there are too many sizes, or the bytes of such a
    /// tensor (empty sizes counted as one, as torch does for strides) overflow 64 bits.
    /// </summary>
    public static bool TryCount(ReadOnlySpan<long> shape, out long count)
    {
        count = 1;
        var bytes = (Int128)sizeof(double);
        foreach (var size in shape)
        {
            if (size < 0 || (bytes *= Math.Max(size, 1)) > long.MaxValue)
            {
                return false;
            }
            count *= size;
        }
        return shape.Length <= MaxDimensions;
    }

    /// <summary>Calls <paramref name="action"/> on consecutive blocks of a contiguous CPU tensor.</summary>
    public static void ForEachBlock(Tensor tensor, BlockAction action)
    {
        using var flat = tensor.view(-1);
        var step = BlockBytes / tensor.ElementSize;
        for (var start = 0L; start < flat.NumberOfElements; start += step)
        {
            using var block = flat.narrow(0, start, Math.Min(step, flat.NumberOfElements - start));
            action(block.bytes);
        }
    }

    /// <summary>Reads a new contiguous tensor from the stream's position.</summary>
    /// <returns>[...shape].</returns>
    public static Tensor Read(Stream stream, ScalarType dtype, ReadOnlySpan<long> shape)
    {
        var tensor = empty(shape, dtype: dtype, device: CPU);
        ForEachBlock(tensor, stream.ReadExactly);
        return tensor;
    }

    /// <summary>Writes the elements in row-major order, whatever the tensor's strides and device.</summary>
    public static void Write(Stream stream, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        ForEachBlock(tensor.detach().cpu().contiguous(), block => stream.Write(block));
    }
}
