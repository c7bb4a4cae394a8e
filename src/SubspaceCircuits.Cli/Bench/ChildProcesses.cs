using System.Diagnostics;
using System.Text.Json;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli.Bench;

/// <summary>Runs this program several times at once, each with arguments of its own, and reads what they print as JSON.</summary>
internal static class ChildProcesses
{
    /// <summary>
    /// Runs all, at most so many at once. One that fails is run once more (libtorch's binding now and then loses a number to the collector), then the rest go on
    /// without it. When the user stops, all are ended.
    /// </summary>
    /// <typeparam name="T">What each prints.</typeparam>
    /// <param name="calls">Arguments of each run.</param>
    /// <param name="atOnce">How many run at once.</param>
    /// <param name="done">Told of every result, one at a time.</param>
    /// <param name="cancellation">Ends them all.</param>
    /// <returns>What failed twice, each with its own last line.</returns>
    public static IReadOnlyList<string> Run<T>(IReadOnlyList<string[]> calls, int atOnce, Action<T> done, CancellationToken cancellation)
    {
        Lock one = new();
        List<string> failures = [];
        Parallel.ForEach(calls, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellation }, call =>
        {
            if (!TryRun<T>(call, cancellation, out var result, out _) && !TryRun(call, cancellation, out result, out var failure))
            {
                lock (one)
                    failures.Add(failure);
                return;
            }

            lock (one)
                done(result!);
        });
        return failures;
    }

    private static bool TryRun<T>(string[] call, CancellationToken cancellation, out T? result, out string failure)
    {
        var self = Environment.ProcessPath!;
        string[] arguments = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [Environment.GetCommandLineArgs()[0], .. call] : call;
        using var process = Process.Start(new ProcessStartInfo(self, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        while (!process.WaitForExit(TimeSpan.FromMilliseconds(100)))
        {
            if (!cancellation.IsCancellationRequested)
                continue;
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            throw new OperationCanceledException(cancellation);
        }

        var isDone = process.ExitCode == ExitStatus.Done;
        result = isDone ? JsonSerializer.Deserialize<T>(output.Result, Json.Compact) : default;
        failure = isDone ? "" : $"{string.Join(' ', call)}: {errors.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault("no message")}";
        return isDone;
    }
}
