using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Cli;

/// <summary><c>eval MODEL</c>: whole-sequence accuracy for ranges of lengths.</summary>
internal static class EvalCommand
{
    private static readonly Argument<string> Model = new("MODEL") { Description = "Model folder or file of weights." };
    private static readonly Option<string?> Task = new("--task") { Description = "Task; told by the folder's name or task.json when not given." };
    private static readonly Option<string?> Lengths = new("--lengths") { Description = "Ranges of lengths, such as 0-50,51-100." };
    private static readonly Option<int> Samples = new("--samples") { Description = "Sequences of each range.", DefaultValueFactory = _ => 2000 };

    private sealed record Output(string Task, int Samples, IReadOnlyList<RangeAccuracy> Ranges);

    public static Command Create()
    {
        var command = new Command("eval", "Measure how well a model does its task.") { Model, Task, Lengths, Samples };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        using var model = context.ReadModel(context.Get(Model));
        var task = CommandContext.TaskOf(model, context.Get(Task));
        var ranges = context.Get(Lengths) is { } text ? ParseRanges(text) : AnalysisSettings.For(task).EvaluationRanges;
        var samples = context.Get(Samples);
        if (samples < 1)
            throw new ArgumentException($"--samples should be at least 1, but is {samples}.");

        var weights = context.OnDevice(model.Weights);
        using var progress = new ProgressDisplay();
        List<RangeAccuracy> found = [];
        foreach (var range in ranges)
        {
            progress.Report(new AnalysisProgress("eval", found.Count, ranges.Count, $"lengths {range.From}-{range.To}"));
            found.Add(Evaluation.WholeSequence(weights, task, range.From, range.To, samples, context.Seed, context.Cancellation));
        }

        context.Result(new Output(task.Name, samples, found), console =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("lengths", "accuracy");
            foreach (var range in found)
                table.AddRow($"{range.From}-{range.To}", $"{range.Accuracy:0.0000}");
            console.MarkupLineInterpolated($"{model.Name}: {task.Name}, {samples} sequences of each range, all supervised positions right");
            console.Write(table);
        });
    }

    /// <summary>Reads <c>0-50,51-100</c>.</summary>
    /// <exception cref="FormatException">It is not of that form.</exception>
    internal static IReadOnlyList<LengthRange> ParseRanges(string text) => [.. text.Split(',').Select(part =>
    {
        var ends = part.Split('-');
        return ends.Length == 2 && int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            && int.TryParse(ends[1], NumberStyles.None, CultureInfo.InvariantCulture, out var to) && from <= to
            ? new LengthRange(from, to) : throw new FormatException($"'{part}' is not a range of lengths. Expected FROM-TO, such as 0-50,51-100.");
    })];
}
