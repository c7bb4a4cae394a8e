using System.CommandLine;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli;

/// <summary><c>analyze MODEL --out RUN</c>: the main job.</summary>
internal static class AnalyzeCommand
{
    private static readonly Argument<string> Model = new("MODEL") { Description = "Model folder or file of weights." };

    public static Command Create()
    {
        var command = new Command("analyze", "Evaluate a model, partition every site, build its circuit, validate it and write a report.") { Model };
        AnalysisOptions.AddTo(command);
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        using var model = context.ReadModel(context.Get(Model));
        var settings = AnalysisOptions.Settings(context, CommandContext.TaskOf(model, context.Get(AnalysisOptions.Task)), model.Weights.Config);
        var run = RunFolder.CreateOrResume(context.Get(AnalysisOptions.Out) ?? $"runs/{model.Name}", NewRun.Manifest(model, settings, context.CommandLine));
        using (var progress = new ProgressDisplay())
        {
            new Analysis(run, model, context.OnDevice(model.Weights), progress, context.Cancellation).Run();
            RunPlots.All(run);
        }

        AnalysisOutput.Print(context, run);
    }
}
