using SubspaceCircuits.Tasks.Patterns;
using SubspaceCircuits.Tasks.Published;

namespace SubspaceCircuits.Tasks;

/// <summary>A task as it is listed.</summary>
/// <param name="Name">Name, without options.</param>
/// <param name="Summary">One line that says what its sequences are.</param>
/// <param name="Create">Makes the task from its options.</param>
public sealed record TaskFamily(string Name, string Summary, Func<TaskOptions, ITask> Create)
{
    /// <summary>A family without options.</summary>
    public TaskFamily(string name, string summary, ITask task)
        : this(name, summary, _ => task)
    {
    }

    /// <summary>The task with default options.</summary>
    public ITask Default => With(new Dictionary<string, string>());

    /// <summary>The options that it has, each with default and range: <c>n=2 (1-5)</c>.</summary>
    public IReadOnlyList<string> Options
    {
        get
        {
            var options = new TaskOptions(Name, new Dictionary<string, string>());
            Create(options);
            return options.Described;
        }
    }

    /// <summary>The task with these options.</summary>
    /// <exception cref="ArgumentException">An option is not known or out of range.</exception>
    public ITask With(IReadOnlyDictionary<string, string> given)
    {
        var options = new TaskOptions(Name, given);
        var task = Create(options);
        options.RequireAllRead();
        return task;
    }
}

/// <summary>All tasks by name.</summary>
public static class TaskRegistry
{
    /// <summary>Every task, in the order in which they are listed.</summary>
    public static IReadOnlyList<TaskFamily> All { get; } =
    [
        new("unique_copy", "copy a string of distinct tokens", new UniqueCopy()),
        new("unique_reverse", "reverse a string of distinct tokens", new UniqueReverse()),
        new("unique_token_pattern", "a pattern of distinct characters, repeated", UniqueTokenPattern.Create),
    ];

    /// <summary>The task of a name with options, such as <c>unique_token_pattern:characters=36,longest=20</c>.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are, or the options that it has.</exception>
    public static ITask Find(string name)
    {
        var parts = name.Split(':', 2);
        var family = All.FirstOrDefault(family => family.Name == parts[0])
            ?? throw new ArgumentException($"There is no task '{parts[0]}'. Known tasks: {string.Join(", ", All.Select(family => family.Name))}.");
        Dictionary<string, string> given = [];
        foreach (var option in parts.Length > 1 ? parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            var pair = option.Split('=', 2);
            if (pair.Length != 2 || !given.TryAdd(pair[0].Trim(), pair[1].Trim()))
                throw new ArgumentException($"'{option}' should be one option of {family.Name} as NAME=VALUE, given once. It has: {string.Join(", ", family.Options)}.");
        }

        return family.With(given);
    }

    /// <summary>
    /// The task that a model's folder name tells, where it follows the published scheme <c>task-mark arch</c>
    /// (<c>unique_copy-@2l1h64d3lr01drop</c>): what stands before the first dash.
    /// </summary>
    /// <returns>The task, or null where the name tells none.</returns>
    public static ITask? FromModelName(string name)
    {
        var dash = name.IndexOf('-', StringComparison.Ordinal);
        var isPublished = dash > 0 && dash + 1 < name.Length && "@#%^".Contains(name[dash + 1], StringComparison.Ordinal);
        return isPublished ? All.FirstOrDefault(family => family.Name == name[..dash])?.Default : null;
    }
}
