using System.Text.Json;
using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Runs.Interchange;

/// <summary>A JSON shape of other software: reads it, and says in one line what was expected and what was found instead.</summary>
/// <param name="Expected">What a file should hold.</param>
internal sealed record PublishedShape(string Expected)
{
    /// <summary>Reads a document.</summary>
    /// <exception cref="CheckpointException">The file is missing or holds something else.</exception>
    public T Read<T>(string path)
    {
        try
        {
            return Json.Read<T>(path);
        }
        catch (CheckpointException failure) when (failure.InnerException is JsonException inner)
        {
            throw Refused(path, Shown.Text(inner.Message.ReplaceLineEndings(" ").TrimEnd('.'), 400), inner);
        }
    }

    /// <summary>The error for a file that holds something else.</summary>
    public CheckpointException Refused(string path, string found, Exception? inner = null) => new(path, $"expected {Expected}; but {found}", inner);
}
