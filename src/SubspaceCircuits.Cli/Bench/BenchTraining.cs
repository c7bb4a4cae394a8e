using System.CommandLine;
using Spectre.Console;

namespace SubspaceCircuits.Cli.Bench;

/// <summary><c>bench training</c>.</summary>
internal static class BenchTraining
{
    private static readonly Option<int[]> ThreadCounts = new("--thread-counts") { Description = "Numbers of threads to measure with.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 2] };

    private sealed record Output(string Suite, IReadOnlyList<TrainingSuite.Row> Rows, IReadOnlyDictionary<string, double> Means);

    public static Command Create()
    {
        var command = new Command("training", "Steps per second of training against a naive TorchSharp model.") { ThreadCounts };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        var counts = context.Get(ThreadCounts);
        if (counts.Length == 0 || counts.Any(count => count < 1))
            throw new ArgumentException("--thread-counts should be one or more numbers of at least 1.");
        List<TrainingSuite.Row> rows = [.. TrainingSuite.Run(counts, new Said(), context.Cancellation)];
        var means = rows.GroupBy(row => $"threads_{row.Threads}").ToDictionary(group => group.Key, group => Math.Exp(group.Average(row => Math.Log(row.Ratio))));
        context.Result(new Output("training", rows, means), console =>
        {
            var table = new Table().Border(TableBorder.Markdown).AddColumns("model (2 layers, batch 32)", "task", "threads", "naive steps/s", "steps/s", "ratio");
            foreach (var row in rows)
                table.AddRow(row.Model, row.Task, $"{row.Threads}", $"{row.NaiveStepsPerSecond:0}", $"{row.StepsPerSecond:0}", $"{row.Ratio:0.0}");
            console.Write(table);
        });
    }

    private sealed class Said : IProgress<string>
    {
        public void Report(string value) => CommandContext.Say(value);
    }
}
