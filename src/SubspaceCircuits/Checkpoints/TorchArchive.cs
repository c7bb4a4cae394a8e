using SubspaceCircuits.Checkpoints.Pickles;

namespace SubspaceCircuits.Checkpoints;

/// <summary>
/// Reads the files of <c>torch.save</c> (PyTorch 1.6 and later). Nothing in a file is executed: tensors and plain containers
/// are built, everything else is refused by name.
/// </summary>
/// <remarks>
/// Pickle protocols 2 to 5. Strides and shared storages are kept as in the file; a device is read as CPU; <c>nn.Parameter</c>
/// is read as its tensor. Checksums, sizes and offsets are checked before memory is used.
/// </remarks>
public static class TorchArchive
{
    private const string NestedName = "state_dict";

    // protocol 2, the integer 0x1950a86a20f9469cfc6c: the start of files of PyTorch before 1.6.
    private static readonly byte[] OldFormat = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    /// <summary>Reads whatever was saved. Its tensors belong to the caller: to the current dispose scope, where there is one.</summary>
    /// <param name="path">Path of the file.</param>
    /// <returns>
    /// <see cref="Tensor"/>, <see cref="OrderedDictionary{TKey, TValue}"/> of object and object (keys are strings or longs),
    /// <see cref="List{T}"/> of object, array of object (tuple), array of long (<c>torch.Size</c>), <see cref="ScalarType"/>,
    /// string (also <c>torch.device</c>), array of byte, long, double, bool or null (<c>None</c>).
    /// </returns>
    /// <exception cref="CheckpointException">The file is missing, damaged, of another format or holds other objects.</exception>
    public static object? Read(string path) => CheckpointFile.Read(path, stream =>
    {
        RequireZip(path, stream);
        return TorchZip.Read(path, stream, zip =>
        {
            using var scope = NewDisposeScope();
            var root = PickleReader.Read(path, zip.ReadPickle(), zip);
            scope.MoveToOuter(PickleGraph.Check(path, root));
            return root;
        });
    });

    /// <summary>Reads a dictionary of tensors, or the one called <c>state_dict</c> in a dictionary of other things.</summary>
    /// <param name="path">Path of the file.</param>
    /// <returns>The tensors on the CPU, in the file's types.</returns>
    /// <exception cref="CheckpointException">As for <see cref="Read"/>, or something in the dictionary is not a tensor.</exception>
    public static StateDict ReadStateDict(string path)
    {
        using var scope = NewDisposeScope();
        var root = Read(path) as OrderedDictionary<object, object?>
            ?? throw new CheckpointException(path, "should hold a dictionary of tensors but holds something else");
        var dictionary = root.TryGetValue(NestedName, out var nested) && nested is OrderedDictionary<object, object?> inner ? inner : root;
        var tensors = dictionary.Select(pair => pair is { Key: string name, Value: Tensor tensor }
            ? KeyValuePair.Create(name, tensor)
            : throw new CheckpointException(path, $"should hold tensors by name but {OneLine.Quote($"{pair.Key}")} is not a tensor"));
        return new StateDict(path, tensors.ToList());
    }

    /// <summary>Reads a file that holds one tensor.</summary>
    /// <param name="path">Path of the file.</param>
    /// <returns>The tensor on the CPU, in the file's type; [...].</returns>
    /// <exception cref="CheckpointException">As for <see cref="Read"/>, or the file holds something else.</exception>
    public static Tensor ReadTensor(string path)
    {
        using var scope = NewDisposeScope();
        return (Read(path) as Tensor)?.MoveToOuterDisposeScope()
            ?? throw new CheckpointException(path, "should hold one tensor but holds something else; read it as a state dict");
    }

    private static void RequireZip(string path, Stream stream)
    {
        Span<byte> start = stackalloc byte[OldFormat.Length];
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        stream.Position = 0;
        if (start.SequenceEqual(OldFormat))
        {
            throw new CheckpointException(path,
                "written by PyTorch before 1.6 or in its old format; load it in a newer PyTorch and save it again with torch.save");
        }
        if (start is not [(byte)'P', (byte)'K', 3, 4, ..])
        {
            throw new CheckpointException(path, "not a PyTorch file: it is not a zip file");
        }
    }
}
