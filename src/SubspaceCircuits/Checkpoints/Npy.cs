namespace SubspaceCircuits.Checkpoints;

/// <summary>Reads and writes NumPy's <c>.npy</c> arrays (format versions 1 to 3, little-endian).</summary>
public static class Npy
{
    /// <summary>Reads an array of floats (f2 f4 f8), integers (i1 i2 i4 i8 u1) or booleans (b1), in C or Fortran order.</summary>
    /// <param name="path">Path of the file.</param>
    /// <returns>A contiguous tensor on the CPU, in the file's type; [...].</returns>
    /// <exception cref="CheckpointException">The file is missing, damaged or of another type.</exception>
    public static Tensor Read(string path) => CheckpointFile.Read(path, stream =>
    {
        using var scope = NewDisposeScope();
        var header = NpyHeader.Read(path, stream);
        if (!header.IsFortranOrder)
        {
            return TensorBytes.Read(stream, header.DType, header.Shape).MoveToOuterDisposeScope();
        }
        // Fortran order is row-major order of the transposed array.
        var transposed = TensorBytes.Read(stream, header.DType, [.. header.Shape.Reverse()]);
        var order = Enumerable.Range(0, header.Shape.Length).Reverse().Select(i => (long)i).ToArray();
        return transposed.permute(order).contiguous().MoveToOuterDisposeScope();
    });

    /// <summary>Writes a float32 array in C order (version 1), all or nothing.</summary>
    /// <param name="path">Path of the file; its folder exists.</param>
    /// <param name="tensor">A float32 tensor on any device, with any strides; [...].</param>
    /// <exception cref="ArgumentException">The tensor has another type.</exception>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public static void Write(string path, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.dtype != ScalarType.Float32)
        {
            throw new ArgumentException($"The array should be Float32 but is {tensor.dtype}. Convert it with to(float32).", nameof(tensor));
        }
        var header = NpyHeader.Float32(tensor.shape);
        CheckpointFile.Write(path, stream =>
        {
            stream.Write(header);
            TensorBytes.Write(stream, tensor);
        });
    }
}
