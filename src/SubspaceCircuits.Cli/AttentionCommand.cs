using System.CommandLine;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli;

/// <summary><c>attention MODEL</c>: scores of the heads, one example's patterns, and their pictures.</summary>
internal static class AttentionCommand
{
    private static readonly Argument<string> Model = new("MODEL") { Description = "Model folder or file of weights." };
    private static readonly Option<string?> Task = new("--task") { Description = "Task; told by the folder's name or task.json when not given." };
    private static readonly Option<string?> Out = new("--out") { Description = "Folder for PNG and SVG pictures of the patterns; none when not given." };

    public static Command Create()
    {
        var command = new Command("attention", "Show what the heads attend to.") { Model, Task, Out };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        using var model = context.ReadModel(context.Get(Model));
        var task = CommandContext.TaskOf(model, context.Get(Task));
        var document = AttentionFiles.Document(context.OnDevice(model.Weights), task, AnalysisSettings.For(task).Lengths, context.Seed);
        if (context.Get(Out) is { } folder)
            RunPlots.Patterns(document, folder);
        context.Result(document, console => console.Write(AnalysisOutput.Heads(document)));
    }
}
