namespace SubspaceCircuits.Checkpoints.Pickles;

/// <summary>
/// Imitates the few Python functions that occur in a checkpoint: builds tensors as views of their storages, with every
/// size, stride and offset checked against the storage first.
/// </summary>
internal sealed class TensorRebuilder(PickleInput input, TorchZip zip)
{
    // A tensor expanded by stride 0 has more elements than its storage; a file of a few bytes must not announce terabytes.
    private const long MaxExpanded = 1 << 20;
    private const int MaxTensors = 1 << 18;

    private readonly Dictionary<string, Tensor> storages = new(StringComparer.Ordinal);
    private int built;

    /// <summary>Reads the persistent identifier <c>('storage', class, key, device, count)</c>. The device is ignored: everything is read as CPU.</summary>
    public PickleStorage Storage(object? identifier) =>
        identifier is object?[] and ["storage", PickleStorageClass storage, string key, string, >= 0L and var count]
            ? new PickleStorage(storage.DType, key, (long)count)
            : throw input.Error("expected ('storage', class, key, device, count)");

    /// <summary>The result of an allowed function.</summary>
    public object Call(PickleFunction function, object?[] arguments) => (function, arguments) switch
    {
        (PickleFunction.OrderedDict, []) => new OrderedDictionary<object, object?>(),
        (PickleFunction.Size, [object?[] sizes]) => Integers(sizes),
        (PickleFunction.Device, [string type]) => type,
        (PickleFunction.Device, [string type, long index]) => $"{type}:{index}",
        (PickleFunction.RebuildParameter, [Tensor tensor, bool, _]) => tensor,
        (PickleFunction.RebuildTensorV2, [PickleStorage { DType: { } dtype } storage, long offset, var size, var stride, bool, ..]) =>
            Build(storage, dtype, offset, Integers(size), Integers(stride)),
        (PickleFunction.RebuildTensorV3, [PickleStorage storage, long offset, var size, var stride, bool, _, ScalarType dtype, ..]) =>
            Build(storage, dtype, offset, Integers(size), Integers(stride)),
        _ => throw input.Error($"arguments that {function} does not take"),
    };

    private Tensor Build(PickleStorage storage, ScalarType dtype, long offset, long[] size, long[] stride)
    {
        if (++built > MaxTensors)
        {
            throw input.Error($"more than {MaxTensors} tensors");
        }
        var memory = Load(storage, dtype);
        var isExpanded = stride.Contains(0);
        if (size.Length != stride.Length || offset < 0 || stride.Any(step => step < 0)
            || !TensorBytes.TryCount(size, out var count)
            || count > (isExpanded ? Math.Max(memory.NumberOfElements, MaxExpanded) : memory.NumberOfElements)
            || !Fits(memory.NumberOfElements, offset, size, stride, count))
        {
            throw input.Error($"a tensor of shape {OneLine.Shape(size)}, strides {OneLine.Shape(stride)} and offset {offset} "
                + $"lies outside its storage {OneLine.Quote(storage.Key)} of {memory.NumberOfElements} elements");
        }
        return memory.as_strided(size, stride, offset);
    }

    private static bool Fits(long storageCount, long offset, long[] size, long[] stride, long count)
    {
        if (count == 0)
        {
            return offset <= storageCount;
        }
        var last = (Int128)offset + size.Zip(stride).Aggregate((Int128)0, (sum, pair) => sum + (Int128)(pair.First - 1) * pair.Second);
        return last < storageCount;
    }

    /// <summary>Reads a storage once; tensors that share it share the memory.</summary>
    /// <returns>[count].</returns>
    private Tensor Load(PickleStorage storage, ScalarType dtype)
    {
        var elementSize = storage.DType is null ? 1 : dtype.ElementSize();
        var bytes = (Int128)storage.Count * elementSize;
        if (bytes > long.MaxValue || bytes % dtype.ElementSize() != 0 || (storage.DType ?? dtype) != dtype)
        {
            throw input.Error($"storage {OneLine.Quote(storage.Key)} of {storage.Count} elements cannot hold {dtype}");
        }
        var count = (long)bytes / dtype.ElementSize();
        if (!storages.TryGetValue(storage.Key, out var memory))
        {
            memory = zip.ReadStorage(storage.Key, dtype, count);
            storages.Add(storage.Key, memory);
        }
        else if (memory.dtype != dtype || memory.NumberOfElements != count)
        {
            throw input.Error($"storage {OneLine.Quote(storage.Key)} is used with two types or lengths");
        }
        return memory;
    }

    private long[] Integers(object? tuple) =>
        tuple is long[] sizes ? sizes
        : tuple is object?[] items && items.All(item => item is long) ? [.. items.Cast<long>()]
        : throw input.Error("expected a tuple of integers");
}
