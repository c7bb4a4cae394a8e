using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SubspaceCircuits.Checkpoints;

/// <summary>
/// Reads and writes safetensors files: the length of a JSON header (64 bits, little-endian), the header, then the tensors' bytes.
/// </summary>
/// <remarks>
/// Types F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL, of any size. A file is checked completely before memory for a tensor is
/// allocated. Written files are the same, byte for byte, for the same tensors: names in ordinal order in the header, wide
/// types before narrow ones in the data so that every tensor is aligned.
/// </remarks>
public static class Safetensors
{
    private const int Alignment = 8;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads every tensor of a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <returns>The tensors on the CPU, in the file's types.</returns>
    /// <exception cref="CheckpointException">The file is missing, damaged or of another format.</exception>
    public static StateDict Read(string path) => CheckpointFile.Read(path, stream =>
    {
        using var scope = NewDisposeScope();
        var header = SafetensorsHeader.Read(path, stream);
        var tensors = new List<KeyValuePair<string, Tensor>>();
        foreach (var entry in header.Entries)
        {
            tensors.Add(new(entry.Name, TensorBytes.Read(stream, entry.DType, entry.Shape)));
        }
        return new StateDict(path, tensors);
    });

    /// <summary>Reads the free text that the file's writer added, without reading tensors.</summary>
    /// <param name="path">Path of the file.</param>
    /// <returns>The header's <c>__metadata__</c>; empty where there is none.</returns>
    /// <exception cref="CheckpointException">The file is missing, damaged or of another format.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path) =>
        CheckpointFile.Read(path, stream => SafetensorsHeader.Read(path, stream).Metadata);

    /// <summary>Writes the tensors, all or nothing: an existing file is replaced only by a complete one.</summary>
    /// <param name="path">Path of the file; its folder exists.</param>
    /// <param name="tensors">Tensors by name, on any device, with any strides; [...].</param>
    /// <param name="metadata">Free text for the header. Hugging Face's loaders want <c>format = pt</c>.</param>
    /// <exception cref="ArgumentException">A type has no name in the format, or a tensor is called <c>__metadata__</c>.</exception>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var entries = Layout(tensors);
        var header = Header(entries, metadata);
        CheckpointFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var entry in entries)
            {
                TensorBytes.Write(stream, tensors[entry.Name]);
            }
        });
    }

    /// <summary>Gives every tensor its place in the data section, in order of the places.</summary>
    private static List<SafetensorsEntry> Layout(IReadOnlyDictionary<string, Tensor> tensors)
    {
        var entries = new List<SafetensorsEntry>();
        var position = 0L;
        foreach (var (name, tensor) in tensors.OrderByDescending(pair => pair.Value.ElementSize).ThenBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (name == SafetensorsHeader.MetadataName || !SafetensorsEntry.TryName(tensor.dtype, out _))
            {
                throw new ArgumentException(
                    $"Tensor {OneLine.Quote(name)} of type {tensor.dtype} has no place in a safetensors file. "
                    + $"Choose another name than {SafetensorsHeader.MetadataName} and one of {SafetensorsEntry.KnownTypes}.", nameof(tensors));
            }
            var end = position + tensor.NumberOfElements * tensor.ElementSize;
            entries.Add(new SafetensorsEntry(name, tensor.dtype, tensor.shape, position, end));
            position = end;
        }
        return entries;
    }

    /// <summary>The header's JSON, padded with spaces so that the data section is aligned.</summary>
    private static byte[] Header(List<SafetensorsEntry> entries, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataName);
                foreach (var (key, text) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, text);
                }
                json.WriteEndObject();
            }
            foreach (var entry in entries.OrderBy(entry => entry.Name, StringComparer.Ordinal))
            {
                WriteEntry(json, entry);
            }
            json.WriteEndObject();
        }
        while (buffer.Length % Alignment != 0)
        {
            buffer.WriteByte((byte)' ');
        }
        return buffer.ToArray();
    }

    private static void WriteEntry(Utf8JsonWriter json, SafetensorsEntry entry)
    {
        SafetensorsEntry.TryName(entry.DType, out var dtype);
        json.WriteStartObject(entry.Name);
        json.WriteString("dtype", dtype);
        WriteIntegers(json, "shape", entry.Shape);
        WriteIntegers(json, "data_offsets", [entry.Begin, entry.End]);
        json.WriteEndObject();
    }

    private static void WriteIntegers(Utf8JsonWriter json, string name, ReadOnlySpan<long> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteNumberValue(value);
        }
        json.WriteEndArray();
    }
}
