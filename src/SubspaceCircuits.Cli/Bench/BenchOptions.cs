using System.CommandLine;

namespace SubspaceCircuits.Cli.Bench;

/// <summary>Options of benchmarks of speed.</summary>
internal static class BenchOptions
{
    public static Option<int[]> ThreadCounts { get; } = new("--thread-counts") { Description = "Numbers of threads to measure with.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 2] };

    /// <summary>The numbers of threads that were asked for, each once, ascending.</summary>
    public static int[] Threads(CommandContext context)
    {
        int[] counts = [.. context.Get(ThreadCounts).Distinct().Order()];
        if (counts.Length == 0 || counts[0] < 1)
            throw new ArgumentException("--thread-counts should be one or more numbers of at least 1.");
        if (counts[^1] > Environment.ProcessorCount)
            CommandContext.Say($"{counts[^1]} threads share {Environment.ProcessorCount} core{(Environment.ProcessorCount == 1 ? "" : "s")} here: their numbers tell little.");
        return counts;
    }
}

/// <summary>Progress in words, on standard error.</summary>
internal sealed class Said : IProgress<string>
{
    public void Report(string value) => CommandContext.Say(value);
}
