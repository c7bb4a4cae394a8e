using System.CommandLine;
using Spectre.Console;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Cli.Bench;

/// <summary><c>bench real-models --models DIR</c>: accuracies of published models against the published numbers.</summary>
internal static class BenchRealModels
{
    private const string Suite = "real-models";
    private static readonly Option<string> Models = new("--models") { Description = $"Folder of model folders; those with an {PublishedAccuracy.FileName} are evaluated.", Required = true };
    private static readonly Option<int> Samples = new("--samples") { Description = "Sequences of each range.", DefaultValueFactory = _ => 2000 };

    internal sealed record Row(string Model, string Task, int From, int To, double Published, double Measured, double Tolerance, bool Within);

    private sealed record Means(double Within);

    private sealed record Output(string Suite, int Samples, IReadOnlyList<Row> Rows, Means Means);

    public static Command Create()
    {
        var command = new Command(Suite, $"Evaluate published models and compare with their {PublishedAccuracy.FileName}. Exit status 1 where a number is missed.") { Models, Samples };
        command.SetAction(parsed =>
        {
            var missed = 0;
            var status = CommandContext.Run(parsed, context => missed = Run(context));
            return status is ExitStatus.Done && missed > 0 ? ExitStatus.Failed : status;
        });
        return command;
    }

    /// <returns>How many numbers were missed.</returns>
    private static int Run(CommandContext context)
    {
        var samples = context.Get(Samples);
        if (samples < 1)
            throw new ArgumentException($"--samples should be at least 1, but is {samples}.");
        var folders = Folders(context.Get(Models));
        List<Row> rows = [];
        using (var progress = new ProgressDisplay())
        {
            for (var i = 0; i < folders.Length; i++)
            {
                progress.Report(new AnalysisProgress(Suite, i, folders.Length, Path.GetFileName(folders[i])));
                rows.AddRange(Evaluate(context, folders[i], samples));
            }
        }

        var missed = rows.Count(row => !row.Within);
        context.Result(new Output(Suite, samples, rows, new Means(rows.Average(row => row.Within ? 1.0 : 0))), console => Print(console, rows));
        if (missed > 0)
            CommandContext.Say($"{missed} of {rows.Count} numbers lie outside their tolerance.");
        return missed;
    }

    private static string[] Folders(string root)
    {
        if (!Directory.Exists(root))
            throw new DirectoryNotFoundException($"{root}: expected a folder of model folders, but there is none.");
        string[] folders = [.. Directory.EnumerateDirectories(root).Where(folder => File.Exists(Path.Combine(folder, PublishedAccuracy.FileName))).Order(StringComparer.Ordinal)];
        return folders.Length > 0 ? folders : throw new ArgumentException($"{root}: expected model folders with an {PublishedAccuracy.FileName}, but found none.");
    }

    private static IEnumerable<Row> Evaluate(CommandContext context, string folder, int samples)
    {
        var published = PublishedAccuracy.Read(folder);
        using var model = context.ReadModel(folder);
        var task = CommandContext.TaskOf(model, null);
        var weights = context.OnDevice(model.Weights);
        foreach (var range in published)
        {
            var measured = Evaluation.WholeSequence(weights, task, range.From, range.To, samples, context.Seed, context.Cancellation).Accuracy;
            yield return new Row(model.Name, task.Name, range.From, range.To, range.Value, measured, range.Tolerance, Math.Abs(measured - range.Value) <= range.Tolerance);
        }
    }

    private static void Print(IAnsiConsole console, List<Row> rows)
    {
        var table = new Table().Border(TableBorder.Markdown).AddColumns("model", "lengths", "published", "measured", "difference", "tolerance", "within");
        foreach (var row in rows)
            table.AddRow(Markup.Escape(row.Model), $"{row.From}-{row.To}", $"{row.Published:0.0000}", $"{row.Measured:0.0000}", $"{row.Measured - row.Published:+0.0000;-0.0000;0.0000}", $"{row.Tolerance:0.00}", row.Within ? "yes" : "[red]no[/]");
        console.Write(table);
        console.MarkupLineInterpolated($"{rows.Count(row => row.Within)} of {rows.Count} numbers within their tolerance");
    }
}
