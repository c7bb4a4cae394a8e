using SubspaceCircuits.Tasks.Languages;
using SubspaceCircuits.Tasks.Languages.Tomita;
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
        new("unique_bigram_copy", "copy a string that has no pair of neighbours twice", new UniqueBigramCopy()),
        new("repeat_copy", "copy a string over a and b", new RepeatCopy()),
        new("sort", "sort a string of distinct tokens", new Sort()),
        new("count", "count from a number to another", new Count()),
        new("addition", "add two binary numbers", new Addition()),
        new("parity", "whether the number of ones is odd", new Parity()),
        new("majority", "the most frequent letter", new Majority()),
        new("bin_majority", "the more frequent bit", new BinMajority()),
        new("bin_majority_interleave", "the more frequent bit of three strings dealt out in turn", new BinMajorityInterleave()),
        Language("ones", new RepeatedWord("tomita1", "1", "01")),
        Language("10 repeated", new RepeatedWord("tomita2", "10", "01")),
        Language("no odd run of zeros after an odd run of ones", new Tomita3()),
        Language("no 000", new Tomita4()),
        Language("evenly many zeros, evenly many ones", new Tomita5()),
        Language("zeros minus ones a multiple of 3", new Tomita6()),
        Language("0*1*0*1*", new Tomita7()),
        .. ((int[])[2, 3, 4, 12]).Select(depth => Language($"balanced brackets of depth {depth} at most", new Dyck(depth))),
        Language("aa repeated", new RepeatedWord("aastar", "aa", "a")),
        Language("aaaa repeated", new RepeatedWord("aaaastar", "aaaa", "a")),
        Language("abab repeated", new RepeatedWord("ababstar", "abab", "ab")),
        Language("each of a to e at least once, in order", new Abcde()),
        Language("a and b, then d, then b and c", new AbDBc()),
        Language("the last symbol other than 2 is a 0", new ZeroThenTwos()),
        new("pure_repeating_pattern", "a pattern of distinct characters, repeated until the context is full", PureRepeatingPattern.Create),
        new("unique_token_pattern", "a pattern of distinct characters, repeated", UniqueTokenPattern.Create),
        new("unique_ngram_pattern", "a pattern that has no n-gram twice, copied", UniqueNgramPattern.Create),
    ];

    /// <summary>The task of a name with options, such as <c>unique_token_pattern:characters=36,longest=20</c>.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are, or the options that it has.</exception>
    public static ITask Find(string name) => Find(name, All);

    /// <summary>The same among other families.</summary>
    /// <inheritdoc cref="Find(string)"/>
    public static ITask Find(string name, IReadOnlyList<TaskFamily> families)
    {
        var parts = name.Split(':', 2);
        var family = families.FirstOrDefault(family => family.Name == parts[0])
            ?? throw new ArgumentException($"There is no task '{parts[0]}'. Known tasks: {string.Join(", ", families.Select(family => family.Name))}.");
        Dictionary<string, string> given = [];
        foreach (var option in parts.Length > 1 ? parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            var pair = option.Split('=', 2);
            if (pair.Length != 2 || !given.TryAdd(pair[0].Trim(), pair[1].Trim()))
                throw new ArgumentException($"'{option}' should be one option of {family.Name} as NAME=VALUE, given once. {(family.Options is [] ? "It has none" : $"It has: {string.Join(", ", family.Options)}")}.");
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

    private static TaskFamily Language(string words, ILanguage language) =>
        new($"bce_{language.Name}", $"what may come next: {words}", new NextSetTask(language));
}
