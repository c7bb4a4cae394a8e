using System.Text.Json;
using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.KnownCircuits.Tasks;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Runs;

/// <summary>The task that a model folder says its model was trained on: <c>task.json</c> and <c>vocabulary.json</c>.</summary>
public static class TaskFiles
{
    private const string Schema = "subspace-circuits/task/1";

    private sealed record TaskDocument(string Schema, string Task);

    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Writes both files beside a model.</summary>
    public static void Write(string folder, ITask task)
    {
        File.WriteAllText(Path.Combine(folder, "vocabulary.json"), JsonSerializer.Serialize(task.Vocabulary.Tokens, Options) + "\n");
        File.WriteAllText(Path.Combine(folder, "task.json"), JsonSerializer.Serialize(new TaskDocument(Schema, task.Name), Options) + "\n");
    }

    /// <summary>The task of a model: what <c>task.json</c> says, else what the folder's name tells.</summary>
    /// <returns>The task, or null where neither tells one.</returns>
    /// <exception cref="CheckpointException"><c>task.json</c> is damaged or names a task that is not known.</exception>
    public static ITask? Of(string folder, string name)
    {
        var path = Path.Combine(folder, "task.json");
        if (!File.Exists(path))
            return TaskRegistry.FromModelName(name);
        try
        {
            var document = JsonSerializer.Deserialize<TaskDocument>(File.ReadAllBytes(path), Options);
            return document?.Schema == Schema && document.Task is not null ? AllTasks.Find(document.Task)
                : throw new CheckpointException(path, $"expected schema '{Schema}' and a task, but found schema '{document?.Schema}'");
        }
        catch (Exception inner) when (inner is JsonException or ArgumentException)
        {
            throw new CheckpointException(path, $"expected the name of a task; {inner.Message.TrimEnd('.')}", inner);
        }
    }
}
