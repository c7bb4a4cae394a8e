using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Runs;

/// <summary>A sequence to look at.</summary>
/// <param name="Name">What it is called in a list of prompts.</param>
/// <param name="Sample">Its tokens; in a sample of a task also what is scored.</param>
public sealed record Prompt(string Name, TaskSample Sample)
{
    private const int LongestName = 40;

    /// <summary>A prompt that somebody wrote: nothing in it is scored. It is named by its text, cut to 40 characters.</summary>
    public static Prompt Of(string text, int[] tokens)
    {
        var name = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var targets = new int[tokens.Length];
        Array.Fill(targets, TaskSample.Unsupervised);
        return new Prompt(name.Length > LongestName ? $"{name[..(LongestName - 1)]}…" : name, new TaskSample(tokens, targets));
    }
}
