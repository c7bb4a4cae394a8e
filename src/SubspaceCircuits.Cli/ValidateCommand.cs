using System.CommandLine;
using SubspaceCircuits.Interventions;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli;

/// <summary><c>validate RUN</c>: run the model with only the circuit's edges.</summary>
internal static class ValidateCommand
{
    private static readonly Argument<string> Folder = new("RUN") { Description = "Run folder with a circuit." };
    private static readonly Option<int> Samples = new("--samples") { Description = "Sequences.", DefaultValueFactory = _ => 500 };
    private static readonly Option<string?> Lengths = new("--lengths") { Description = "Lengths of the sequences, such as 1-150; those of the run when not given." };

    public static Command Create()
    {
        var command = new Command("validate", "Run the model with only the circuit's edges and compare.") { Folder, Samples, Lengths };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        var run = RunFolder.Open(context.Get(Folder));
        using var model = context.ReadModel(run.Manifest.Model.Path);
        run.RequireModel(model);
        var lengths = context.Get(Lengths) is { } text ? EvalCommand.ParseRanges(text)[0] : run.Manifest.Settings.Lengths;
        ValidationSettings settings = new() { Samples = context.Get(Samples), From = lengths.From, To = lengths.To, Seed = context.Seed + 1 };
        settings.Validate();
        using (var progress = new ProgressDisplay())
        {
            var analysis = new Analysis(run, model, model.Weights, progress, context.Cancellation);
            run.Again("validation", () => analysis.Validate(settings));
        }

        var found = Json.Read<ValidationDocument>(run.PathOf("validation.json"));
        context.Result(found, console => AnalysisOutput.Print(console, found));
    }
}
