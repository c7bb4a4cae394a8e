using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.KnownCircuits.Tasks;

/// <summary>The tasks that models are trained on, and those of the catalogue's programs: <c>rasp_sort_unique:vocabulary=8,length=8</c>.</summary>
public static class AllTasks
{
    private const string Prefix = "rasp_";
    private const int MostTokens = 1000, LongestSequence = 1000;

    /// <summary>A task for each program of the catalogue, small unless told otherwise.</summary>
    public static IReadOnlyList<TaskFamily> Programs { get; } = [.. ProgramCatalogue.All.Select(Family)];

    /// <summary>The task of a name with options.</summary>
    /// <exception cref="ArgumentException">There is none, or it has no such option.</exception>
    public static ITask Find(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) ? TaskRegistry.Find(name, Programs) : TaskRegistry.Find(name);

    /// <summary>Name of the task of a program of a size.</summary>
    public static string NameOf(CatalogueEntry entry, ProgramSize size) => Find($"{Prefix}{entry.Id}:vocabulary={size.Vocabulary},length={size.MaxLength}").Name;

    private static TaskFamily Family(CatalogueEntry entry) => new(Prefix + entry.Id, entry.Description, options =>
    {
        var size = new ProgramSize(options.Int("vocabulary", entry.Tested.Vocabulary, 1, MostTokens), options.Int("length", entry.Tested.MaxLength, 1, LongestSequence));
        return new ProgramTask(options.Name, entry.Build(size));
    });
}
