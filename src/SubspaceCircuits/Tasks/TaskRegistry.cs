namespace SubspaceCircuits.Tasks;

/// <summary>All tasks by name.</summary>
public static class TaskRegistry
{
    /// <summary>Every task, in the order in which they are listed.</summary>
    public static IReadOnlyList<ITask> All { get; } = [new UniqueCopy(), new UniqueReverse(), new UniqueTokenPattern()];

    /// <summary>The task of a name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static ITask Find(string name) => All.FirstOrDefault(task => task.Name == name)
        ?? throw new ArgumentException($"There is no task '{name}'. Known tasks: {string.Join(", ", All.Select(task => task.Name))}.");

    /// <summary>
    /// The task that a model's folder name tells, where it follows the published scheme <c>task-mark arch</c>
    /// (<c>unique_copy-@2l1h64d3lr01drop</c>): what stands before the first dash.
    /// </summary>
    /// <returns>The task, or null where the name tells none.</returns>
    public static ITask? FromModelName(string name)
    {
        var dash = name.IndexOf('-', StringComparison.Ordinal);
        var isPublished = dash > 0 && dash + 1 < name.Length && "@#%^".Contains(name[dash + 1], StringComparison.Ordinal);
        return isPublished ? All.FirstOrDefault(task => task.Name == name[..dash]) : null;
    }
}
