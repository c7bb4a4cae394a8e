using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Runs;

/// <summary>Samples of a task to look at when nobody wrote a prompt.</summary>
public static class PromptSamples
{
    /// <summary>Most samples of one page.</summary>
    public const int Most = 50;

    private const int ShortLength = 8, MostTokens = 60;

    /// <summary>From a short sample, of problem length 8, in even steps to a long one, of at most 60 tokens, as near as the task has them.</summary>
    /// <param name="task">The task.</param>
    /// <param name="nCtx">Positions of the model.</param>
    /// <param name="count">How many, 1 to 50.</param>
    /// <param name="random">Where chance comes from.</param>
    public static IReadOnlyList<Prompt> Draw(ITask task, int nCtx, int count, Random random)
    {
        RequireCount(count);
        var (shortest, longest) = (Short(task), Longest(task, Math.Min(nCtx, MostTokens)));
        var lengths = Enumerable.Range(0, count).Select(step => Nearest(task, shortest + (longest - shortest) * step / Math.Max(1, count - 1)));
        return Named([.. lengths.Select(length => (length, task.Sample(length, random)))]);
    }

    /// <summary>Samples of one length.</summary>
    /// <exception cref="ArgumentException">The task has no problems of this length, or they need more positions than there are.</exception>
    public static IReadOnlyList<Prompt> Draw(ITask task, int nCtx, int count, int length, Random random)
    {
        RequireCount(count);
        if (!task.HasLength(length))
            throw new ArgumentException($"{task.Name} has no problem of length {length}; its lengths are {task.Lengths.Min} to {task.Lengths.Max}.");
        var drawn = Named([.. Enumerable.Range(0, count).Select(_ => (length, task.Sample(length, random)))]);
        var tokens = drawn.Max(prompt => prompt.Sample.Tokens.Length);
        return tokens <= nCtx ? drawn : throw new ArgumentException($"Problems of length {length} have {tokens} tokens, but the model has {nCtx} positions. Ask for a smaller --length.");
    }

    /// <summary>The length nearest to 8 of which the task has problems.</summary>
    public static int Short(ITask task) => Nearest(task, ShortLength);

    /// <summary>Named by their lengths; samples of the same length also by their number among those.</summary>
    private static Prompt[] Named((int Length, TaskSample Sample)[] drawn)
    {
        var number = new Dictionary<int, int>();
        string Name(int length)
        {
            number[length] = number.GetValueOrDefault(length) + 1;
            return drawn.Count(other => other.Length == length) == 1 ? $"sample of length {length}" : $"sample {number[length]} of length {length}";
        }

        return [.. drawn.Select(pair => new Prompt(Name(pair.Length), pair.Sample))];
    }

    private static void RequireCount(int count)
    {
        if (count is < 1 or > Most)
            throw new ArgumentException($"A page holds 1 to {Most} samples, but {count} were asked for.");
    }

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
