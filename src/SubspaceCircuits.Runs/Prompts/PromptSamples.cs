using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Runs;

/// <summary>Samples of a task to look at when nobody wrote a prompt.</summary>
public static class PromptSamples
{
    private const int Count = 3, ShortLength = 8, MostTokens = 60;

    /// <summary>A short, a middling and a long sample: of problem length 8, of at most 60 tokens, and of a length between the two, as near as the task has them.</summary>
    /// <param name="task">The task.</param>
    /// <param name="nCtx">Positions of the model.</param>
    /// <param name="random">Where chance comes from.</param>
    public static IReadOnlyList<Prompt> Draw(ITask task, int nCtx, Random random)
    {
        var (shortest, longest) = (Short(task), Longest(task, Math.Min(nCtx, MostTokens)));
        return [.. new[] { shortest, Nearest(task, (shortest + longest) / 2), longest }.Select(length => new Prompt($"sample of length {length}", task.Sample(length, random)))];
    }

    /// <summary>Three samples of one length.</summary>
    /// <exception cref="ArgumentException">The task has no problems of this length, or they need more positions than there are.</exception>
    public static IReadOnlyList<Prompt> Draw(ITask task, int nCtx, int length, Random random)
    {
        if (!task.HasLength(length))
            throw new ArgumentException($"{task.Name} has no problem of length {length}; its lengths are {task.Lengths.Min} to {task.Lengths.Max}.");
        Prompt[] drawn = [.. Enumerable.Range(1, Count).Select(number => new Prompt($"sample {number} of length {length}", task.Sample(length, random)))];
        var tokens = drawn.Max(prompt => prompt.Sample.Tokens.Length);
        return tokens <= nCtx ? drawn : throw new ArgumentException($"Problems of length {length} have {tokens} tokens, but the model has {nCtx} positions. Ask for a smaller --length.");
    }

    /// <summary>The length nearest to 8 of which the task has problems.</summary>
    public static int Short(ITask task) => Nearest(task, ShortLength);

    /// <summary>The greatest length whose problems have at most so many tokens, else the least.</summary>
    private static int Longest(ITask task, int tokens)
    {
        for (var length = Math.Min(task.Lengths.Max, tokens); length > task.Lengths.Min; length--)
        {
            // How many tokens a problem has may be up to chance: one try tells, nothing depends on it.
            if (task.HasLength(length) && task.Sample(length, new Random(0)).Tokens.Length <= tokens)
                return length;
        }

        return Nearest(task, task.Lengths.Min);
    }

    private static int Nearest(ITask task, int wanted) =>
        Enumerable.Range(task.Lengths.Min, task.Lengths.Max - task.Lengths.Min + 1).Where(task.HasLength).MinBy(length => Math.Abs(length - wanted));
}
