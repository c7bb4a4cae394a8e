using System.Text.Json;
using System.Text.Json.Serialization;
using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Runs;

/// <summary>How this project writes JSON: snake_case, unknown fields refused on reading, numbers that are not finite as null.</summary>
public static class Json
{
    /// <summary>Indented, for files that people read.</summary>
    public static JsonSerializerOptions Indented { get; } = Options(true);

    /// <summary>On one line, for logs and for embedding.</summary>
    public static JsonSerializerOptions Compact { get; } = Options(false);

    /// <summary>Reads a document.</summary>
    /// <exception cref="CheckpointException">The file is missing, is not such a document, or has fields that are not known.</exception>
    public static T Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Indented) ?? throw new CheckpointException(path, "expected a JSON object, but found null");
        }
        catch (JsonException inner)
        {
            throw new CheckpointException(path, $"is not a {typeof(T).Name}: {inner.Message.ReplaceLineEndings(" ").TrimEnd('.')}", inner);
        }
        catch (Exception inner) when (inner is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(path, "expected a file, but there is none", inner);
        }
        catch (Exception inner) when (inner is IOException and not CheckpointException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {inner.Message.ReplaceLineEndings(" ").TrimEnd('.')}", inner);
        }
    }

    /// <summary>Writes a document under a temporary name, flushes it, and renames it.</summary>
    public static void Write<T>(string path, T document) => AtomicFile.Write(path, JsonSerializer.Serialize(document, Indented) + "\n");

    /// <summary>Whether two documents are written alike.</summary>
    public static bool Same<T>(T one, T other) => JsonSerializer.Serialize(one, Compact) == JsonSerializer.Serialize(other, Compact);

    private static JsonSerializerOptions Options(bool isIndented) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        // A damaged document should fail here, with its name, not later as a null reference.
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        WriteIndented = isIndented,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false), new FiniteConverter() },
    };

    /// <summary>JSON has no NaN: null stands for it, both ways.</summary>
    private sealed class FiniteConverter : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType is JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
                writer.WriteNumberValue(value);
            else
                writer.WriteNullValue();
        }
    }
}
