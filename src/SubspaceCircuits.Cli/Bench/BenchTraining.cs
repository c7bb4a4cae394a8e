using System.CommandLine;
using Spectre.Console;

namespace SubspaceCircuits.Cli.Bench;

/// <summary><c>bench training</c>.</summary>
internal static class BenchTraining
{
    private sealed record Output(string Suite, IReadOnlyList<TrainingSuite.Row> Rows, IReadOnlyDictionary<string, double> Means);

    public static Command Create()
    {
        var command = new Command("training", "Steps per second of training against a naive TorchSharp model.") { BenchOptions.ThreadCounts };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        List<TrainingSuite.Row> rows = [.. TrainingSuite.Run(BenchOptions.Threads(context), new Said(), context.Cancellation)];
        var means = rows.GroupBy(row => $"threads_{row.Threads}").ToDictionary(group => group.Key, group => Math.Exp(group.Average(row => Math.Log(row.Ratio))));
        context.Result(new Output("training", rows, means), console =>
        {
            var table = new Table().Border(TableBorder.Markdown).AddColumns("model (2 layers, batch 32)", "task", "threads", "naive steps/s", "steps/s", "ratio");
            foreach (var row in rows)
                table.AddRow(row.Model, row.Task, $"{row.Threads}", $"{row.NaiveStepsPerSecond:0}", $"{row.StepsPerSecond:0}", $"{row.Ratio:0.0}");
            console.Write(table);
        });
    }
}
