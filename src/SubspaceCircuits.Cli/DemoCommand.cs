using System.CommandLine;
using SubspaceCircuits.Models;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Training;

namespace SubspaceCircuits.Cli;

/// <summary><c>demo</c>: trains a small copy transformer and analyzes it.</summary>
internal static class DemoCommand
{
    private static readonly Option<string> Out = new("--out") { Description = "Folder for model and run.", DefaultValueFactory = _ => "runs/demo" };

    public static Command Create()
    {
        var command = new Command("demo", "Train a small copy transformer, check its attention, and analyze it: about a minute.") { Out };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        context.UseThreads();
        var folder = context.Get(Out);
        var modelFolder = Path.Combine(folder, $"copy-transformer-seed{context.Seed}");
        using var progress = new ProgressDisplay();
        if (!File.Exists(Path.Combine(modelFolder, "training.json")))
            TrainCopyTransformer(context, modelFolder, progress);

        using var model = ModelFolder.Read(modelFolder);
        var task = CommandContext.TaskOf(model, null);
        var settings = AnalysisSettings.For(task) with { Seed = context.Seed, Activations = 16_384, Replicates = 2, Coverage = 0.95 };
        var run = RunFolder.CreateOrResume(Path.Combine(folder, $"run-seed{context.Seed}"), NewRun.Manifest(model, settings, context.CommandLine));
        new Analysis(run, model, context.OnDevice(model.Weights), progress, context.Cancellation).Run();
        RunPlots.All(run);
        progress.Dispose();
        AnalysisOutput.Print(context, run);
    }

    private static void TrainCopyTransformer(CommandContext context, string folder, ProgressDisplay progress)
    {
        var found = CopyTransformer.Train(context.Seed, new TrainingSteps(progress), context.Cancellation);
        using var weights = found.Weights;
        var sizes = new RecipeModel { NHeads = 1, DModel = CopyTransformer.DModel, AttnOnly = true };
        TrainedModel.Write(folder, weights, new Recipe(Recipe.CurrentSchema, CopyTransformer.Task.Name, sizes, found.Settings), found.Steps, found.Accuracy, found.RepeatShare);
        progress.Dispose();
        CommandContext.Say($"trained in {found.Attempts} attempt{(found.Attempts == 1 ? "" : "s")} (seed {found.Settings.Seed}): {found.PreviousToken.Name} attends to the previous token ({found.PreviousToken.PreviousToken:0.00}), {found.Induction.Name} is an induction head ({found.Induction.PrefixMatching:0.00} of its attention goes to what followed the same token)");
    }
}
