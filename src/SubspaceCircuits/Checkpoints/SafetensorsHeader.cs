using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace SubspaceCircuits.Checkpoints;

/// <summary>
/// The header of a safetensors file, checked completely against the file's length before anything is allocated for a tensor:
/// the tensors tile the data section without overlap or hole.
/// </summary>
internal sealed record SafetensorsHeader(IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    public const string MetadataName = "__metadata__";

    private const int MaxLength = 100_000_000;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>Reads the header; the stream then stands at the first byte of the data section. Entries are in file order.</summary>
    public static SafetensorsHeader Read(string file, Stream stream)
    {
        if (stream.Length < sizeof(ulong))
        {
            throw new CheckpointException(file, $"not a safetensors file: {stream.Length} bytes, shorter than the header's length");
        }
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        stream.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        var rest = stream.Length - sizeof(ulong);
        if (length > Math.Min((ulong)rest, MaxLength))
        {
            throw new CheckpointException(file,
                $"not a safetensors file: it announces a header of {length} bytes where at most {Math.Min(rest, MaxLength)} are possible");
        }
        var json = new byte[length];
        stream.ReadExactly(json);
        return Parse(file, json, rest - json.Length);
    }

    private static SafetensorsHeader Parse(string file, byte[] json, long dataLength)
    {
        if (!Utf8.IsValid(json) || json is not [(byte)'{', ..])
        {
            throw new CheckpointException(file, "not a safetensors file: the header is not a JSON object in UTF-8");
        }
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
            var entries = new List<SafetensorsEntry>();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.Name == MetadataName)
                {
                    ReadMetadata(file, property.Value, metadata);
                }
                else
                {
                    entries.Add(ReadEntry(file, property.Name, property.Value));
                }
            }
            return new SafetensorsHeader(Tile(file, entries, dataLength), metadata);
        }
        // InvalidOperationException: a string with half a surrogate pair.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CheckpointException(file, $"the header is not valid JSON: {OneLine.Clean(e.Message).TrimEnd('.')}", e);
        }
    }

    private static void ReadMetadata(string file, JsonElement json, Dictionary<string, string> metadata)
    {
        if (json.ValueKind != JsonValueKind.Object || json.EnumerateObject().Any(pair => pair.Value.ValueKind != JsonValueKind.String))
        {
            throw new CheckpointException(file, $"{MetadataName} should map strings to strings");
        }
        foreach (var pair in json.EnumerateObject())
        {
            metadata.Add(pair.Name, pair.Value.GetString()!);
        }
    }

    private static SafetensorsEntry ReadEntry(string file, string name, JsonElement json)
    {
        CheckpointException Bad(string problem) => new(file, $"tensor {OneLine.Quote(name)}: {problem}");

        if (json.ValueKind != JsonValueKind.Object || json.GetPropertyCount() != 3
            || !json.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String
            || !json.TryGetProperty("shape", out var shape) || !TryIntegers(shape, out var sizes)
            || !json.TryGetProperty("data_offsets", out var offsets) || !TryIntegers(offsets, out var range) || range.Length != 2)
        {
            throw Bad("expected {\"dtype\": string, \"shape\": [integers], \"data_offsets\": [begin, end]}");
        }
        if (!SafetensorsEntry.TryType(dtype.GetString()!, out var type))
        {
            throw Bad($"dtype {OneLine.Quote(dtype.GetString()!)} is not one of {SafetensorsEntry.KnownTypes}");
        }
        if (!TensorBytes.TryCount(sizes, out var count))
        {
            throw Bad($"impossible shape {OneLine.Shape(sizes)}");
        }
        var (begin, end) = (range[0], range[1]);
        if (begin < 0 || end < begin || end - begin != count * type.ElementSize())
        {
            throw Bad($"shape {OneLine.Shape(sizes)} of {dtype.GetString()} takes {count * type.ElementSize()} bytes but the offsets are {begin} to {end}");
        }
        return new SafetensorsEntry(name, type, sizes, begin, end);
    }

    private static bool TryIntegers(JsonElement json, out long[] values)
    {
        values = [];
        if (json.ValueKind != JsonValueKind.Array)
        {
            return false;
        }
        values = new long[json.GetArrayLength()];
        var i = 0;
        foreach (var element in json.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out values[i++]))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Sorts the entries by offset and requires each to begin where the one before it ended.</summary>
    private static List<SafetensorsEntry> Tile(string file, List<SafetensorsEntry> entries, long dataLength)
    {
        var sorted = entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End).ToList();
        var position = 0L;
        foreach (var entry in sorted)
        {
            if (entry.Begin != position)
            {
                throw new CheckpointException(file, $"tensor {OneLine.Quote(entry.Name)} begins at byte {entry.Begin}"
                    + (entry.Begin < position ? $", inside the tensor before it, which ends at {position}" : $" and leaves a hole from {position}"));
            }
            position = entry.End;
        }
        if (position != dataLength)
        {
            throw new CheckpointException(file, $"the header describes {position} bytes of data but the file holds {dataLength}");
        }
        return sorted;
    }
}
