using System.Text.Json;
using System.Text.Unicode;
using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Models;

/// <summary>A JSON object on disk, read field by field with errors that name file and field.</summary>
internal sealed class JsonFile
{
    private readonly string _path;
    private readonly JsonElement _root;

    public JsonFile(string path)
    {
        _path = path;
        var text = CheckpointFile.Read(path, _ => File.ReadAllBytes(path)).AsMemory();
        if (text.Span.StartsWith(ByteOrderMark))
            text = text[ByteOrderMark.Length..];
        if (!Utf8.IsValid(text.Span))
            throw new CheckpointException(path, "expected JSON in UTF-8, but found bytes that are no UTF-8");
        try
        {
            using var document = JsonDocument.Parse(text);
            _root = document.RootElement.Clone();
        }
        catch (JsonException inner)
        {
            throw new CheckpointException(path, $"expected JSON, but line {inner.LineNumber + 1} is not", inner);
        }

        if (_root.ValueKind is not JsonValueKind.Object)
            throw new CheckpointException(path, $"expected a JSON object, but found {_root.ValueKind}");
        if (_root.EnumerateObject().Any(property => !IsText(() => property.Name) || property.Value.ValueKind is JsonValueKind.String && !IsText(property.Value.GetString)))
            throw new CheckpointException(path, "expected text in its fields, but found half a surrogate pair");
    }

    public IEnumerable<string> Fields => _root.EnumerateObject().Select(property => property.Name);

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string field) => _root.TryGetProperty(field, out var value) && value.ValueKind is not JsonValueKind.Null;

    public int Int(string field) => Value(field) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) && number > 0
        ? number : throw Wrong(field, "a positive whole number");

    public int? OptionalInt(string field) => Has(field) ? Int(field) : null;

    public double NonNegative(string field, double fallback) => !Has(field) ? fallback
        : Value(field) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) && double.IsFinite(number) && number >= 0
        ? number : throw Wrong(field, "zero or a positive number");

    public string Text(string field, string? fallback = null) => fallback is not null && !Has(field) ? fallback
        : Value(field) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : throw Wrong(field, "a text");

    public bool Bool(string field, bool fallback) => !Has(field) ? fallback
        : Value(field).ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => throw Wrong(field, "true or false") };

    /// <summary>The error of a field that is there but not usable.</summary>
    public CheckpointException Wrong(string field, string expected) =>
        new(_path, $"field '{field}' should be {expected}, but is {(_root.TryGetProperty(field, out var value) ? Shorten(value.GetRawText()) : "missing")}");

    /// <summary>Some editors on Windows begin a file with it.</summary>
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private JsonElement Value(string field) => _root.TryGetProperty(field, out var value) ? value : throw Wrong(field, "there");

    /// <summary>JSON may escape what is no character, <c>"\ud800"</c>; the parser notices only when asked for the text.</summary>
    private static bool IsText(Func<string?> text)
    {
        try
        {
            return text() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string Shorten(string text) => text.Length <= 40 ? text.ReplaceLineEndings(" ") : $"{text[..40].ReplaceLineEndings(" ")}…";
}
