using System.Diagnostics;
using System.Text.Json;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli.Bench;

/// <summary>Runs this program several times at once, each with arguments of its own, and reads what they print as JSON.</summary>
internal static class ChildProcesses
{
    /// <summary>Runs all, at most so many at once. When one fails or the user stops, the others are ended.</summary>
    /// <typeparam name="T">What each prints.</typeparam>
    /// <param name="calls">Arguments of each run.</param>
    /// <param name="atOnce">How many run at once.</param>
    /// <param name="done">Told of every result, one at a time.</param>
    /// <param name="cancellation">Ends them all.</param>
    /// <exception cref="InvalidOperationException">A run failed; the message is its own last line.</exception>
    public static void Run<T>(IReadOnlyList<string[]> calls, int atOnce, Action<T> done, CancellationToken cancellation)
    {
        Lock one = new();
        try
        {
            Parallel.ForEach(calls, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellation }, (call, state) =>
            {
                var result = Result<T>(call, () => state.ShouldExitCurrentIteration || cancellation.IsCancellationRequested);
                lock (one)
                    done(result);
            });
        }
        catch (AggregateException several)
        {
            throw several.InnerExceptions[0];
        }
    }

    private static T Result<T>(string[] call, Func<bool> mustStop)
    {
        var self = Environment.ProcessPath!;
        string[] arguments = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [Environment.GetCommandLineArgs()[0], .. call] : call;
        using var process = Process.Start(new ProcessStartInfo(self, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        while (!process.WaitForExit(TimeSpan.FromMilliseconds(100)))
        {
            if (!mustStop())
                continue;
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            throw new OperationCanceledException();
        }

        if (process.ExitCode != ExitStatus.Done)
            throw new InvalidOperationException($"{string.Join(' ', call)}: {errors.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault("no message")}");
        return JsonSerializer.Deserialize<T>(output.Result, Json.Compact)!;
    }
}
