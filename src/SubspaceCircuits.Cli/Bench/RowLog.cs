using System.Text.Json;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli.Bench;

/// <summary>Rows of a benchmark as they are measured, one JSON document on each line, from which a benchmark that was stopped goes on.</summary>
/// <typeparam name="T">A row.</typeparam>
internal sealed class RowLog<T>
{
    private readonly string _path;

    /// <summary>Opens a log and reads what is in it; a last line that was cut off is dropped.</summary>
    public RowLog(string path)
    {
        _path = path;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var text = File.Exists(path) ? File.ReadAllText(path) : "";
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        if (whole.Length < text.Length)
            AtomicFile.Write(path, whole);
        try
        {
            Rows = [.. whole.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<T>(line, Json.Compact)!)];
        }
        catch (JsonException inner)
        {
            throw new ArgumentException($"{path} has rows of another version of this benchmark. Name another folder, or remove it.", inner);
        }
    }

    /// <summary>What was in it when it was opened.</summary>
    public IReadOnlyList<T> Rows { get; }

    /// <summary>Adds a row.</summary>
    public void Add(T row) => File.AppendAllText(_path, JsonSerializer.Serialize(row, Json.Compact) + "\n");
}
