using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using SubspaceCircuits.Interventions.Heads;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli;

/// <summary><c>heads MODEL</c>: which heads are needed, and which stand in for each other.</summary>
internal static class HeadsCommand
{
    private static readonly Argument<string> Model = new("MODEL") { Description = "Model folder or file of weights." };
    private static readonly Option<string?> Task = new("--task") { Description = "Task; told by the folder's name or task.json when not given." };
    private static readonly Option<string> Ablation = new("--ablation") { Description = "What an ablated head writes: mean (its mean at each position of samples of the same length), mean-position (of all lengths), mean-overall (over all positions), resample (its output on another sample of the same length).", DefaultValueFactory = _ => "mean" };
    private static readonly Option<int> Samples = new("--samples") { Description = "Sequences to choose on, and as many fresh ones to measure on.", DefaultValueFactory = _ => 300 };
    private static readonly Option<string?> Lengths = new("--lengths") { Description = "Lengths of the sequences, such as 1-50." };
    private static readonly Option<string> Thresholds = new("--thresholds") { Description = "Match accuracies that suffice.", DefaultValueFactory = _ => "0.95,0.99" };

    private sealed record Output(string Model, string Task, string Ablation, HeadRedundancySettings Settings, int WithoutDonor, HeadSetMeasure Whole, HeadSetMeasure None,
        IReadOnlyList<HeadFinding> Heads, IReadOnlyList<HeadPairFinding> Pairs, IReadOnlyList<SufficientSetsFinding> Sufficient, int Runs, double Seconds);

    public static Command Create()
    {
        var command = new Command("heads", "Tell which heads are needed and which are redundant, by ablating sets of them.") { Model, Task, Ablation, Samples, Lengths, Thresholds };
        Ablation.AcceptOnlyFromAmong("mean", "mean-position", "mean-overall", "resample");
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        using var model = context.ReadModel(context.Get(Model));
        var task = CommandContext.TaskOf(model, context.Get(Task));
        var lengths = context.Get(Lengths) is { } text ? EvalCommand.ParseRanges(text)[0] : AnalysisSettings.For(task).Lengths;
        HeadRedundancySettings settings = new()
        {
            Ablation = context.Get(Ablation) switch
            {
                "mean-position" => HeadAblation.MeanPosition,
                "mean-overall" => HeadAblation.MeanOverall,
                "resample" => HeadAblation.Resample,
                _ => HeadAblation.Mean,
            },
            Samples = context.Get(Samples),
            From = lengths.From,
            To = lengths.To,
            Thresholds = ParseThresholds(context.Get(Thresholds)),
            Seed = context.Seed,
        };
        var watch = Stopwatch.StartNew();
        HeadRedundancy found;
        using (var display = new ProgressDisplay())
            found = HeadRedundancy.Of(context.OnDevice(model.Weights), task, settings, new Runs(display), context.Cancellation);
        var output = new Output(model.Name, task.Name, found.Ablation, settings, found.WithoutDonor, found.Whole, found.None, found.Heads, found.Pairs, found.Sufficient, found.Runs,
            Math.Round(watch.Elapsed.TotalSeconds, 1));
        context.Result(output, console =>
        {
            console.MarkupLineInterpolated($"[bold]{model.Name}[/]  {task.Name}, lengths {settings.From}-{settings.To}; ablation: {found.Ablation}; {settings.Samples} sequences to choose on, {settings.Samples} fresh ones for the numbers");
            console.MarkupLineInterpolated($"task accuracy {found.Whole.TaskAccuracy:0.000}, with all heads ablated {found.None.TaskAccuracy:0.000} (match {found.None.MatchAccuracy:0.000}, KL {found.None.Kl:0.000} nats); {found.Runs} sets of heads, {output.Seconds} s");
            if (found.WithoutDonor > 0 && settings.Ablation == HeadAblation.Resample)
                console.MarkupLineInterpolated($"{found.WithoutDonor} of {2 * settings.Samples} sequences had no other of their length to be resampled from");
            HeadsOutput.Print(console, found);
        });
    }

    private static double[] ParseThresholds(string text) => [.. text.Split(',').Select(part =>
        double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value
            : throw new FormatException($"'{part}' is not a threshold. Expected numbers above 0 and at most 1, such as 0.95,0.99."))];

    /// <summary>How many sets a search will run is not known beforehand: told every other second is how many were.</summary>
    private sealed class Runs(ProgressDisplay display) : IProgress<int>
    {
        private readonly Stopwatch _sinceShown = Stopwatch.StartNew();

        public void Report(int value)
        {
            if (_sinceShown.Elapsed.TotalSeconds < 2)
                return;
            _sinceShown.Restart();
            display.Report(new AnalysisProgress("heads", value, 0, $"{value} sets of heads were run"));
        }
    }
}
