using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SubspaceCircuits.Runs;

/// <summary>Writes a matrix with each row on one line, also in an indented document: a line for every number would make it four times as large, and unreadable.</summary>
internal sealed class RowsOnOneLine : JsonConverter<IReadOnlyList<IReadOnlyList<double>>>
{
    public override IReadOnlyList<IReadOnlyList<double>>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize<IReadOnlyList<IReadOnlyList<double>>>(ref reader, options);

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<IReadOnlyList<double>> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        // A raw value is not indented by the writer.
        var indent = writer.Options.Indented ? Encoding.UTF8.GetBytes("\n" + new string(' ', writer.Options.IndentSize * writer.CurrentDepth)) : [];
        var line = new ArrayBufferWriter<byte>();
        foreach (var row in value)
        {
            line.ResetWrittenCount();
            line.Write(indent);
            using (var numbers = new Utf8JsonWriter(line))
                JsonSerializer.Serialize(numbers, row, options);
            writer.WriteRawValue(line.WrittenSpan, skipInputValidation: true);
        }

        writer.WriteEndArray();
    }
}
