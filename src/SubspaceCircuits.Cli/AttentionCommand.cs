using System.CommandLine;
using Spectre.Console;
using SubspaceCircuits.Models;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Cli;

/// <summary><c>attention MODEL</c>: scores of the heads, what they attend to on some prompts, as a page and as pictures.</summary>
internal static class AttentionCommand
{
    private static readonly Argument<string> Model = new("MODEL") { Description = "Model folder or file of weights." };
    private static readonly Option<string?> Task = new("--task") { Description = "Task; told by the folder's name or task.json when not given." };
    private static readonly Option<string[]> Prompts = new("--prompt") { Description = "Tokens of the task, separated by spaces, or token ids where no task is known; may be given several times. Three samples of the task when not given." };
    private static readonly Option<int?> Length = new("--length") { Description = "Problem length of all three samples; a short, a middling and a long one when not given." };
    private static readonly Option<string?> Out = new("--out") { Description = "Folder for attention.html, attention.json and pictures; none when not given." };

    public static Command Create()
    {
        var command = new Command("attention", "Show what the heads attend to.") { Model, Task, Prompts, Length, Out };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        var texts = context.Get(Prompts);
        if (texts.Length > 0 && context.IsGiven(Length))
            throw new ArgumentException("--length is that of samples, and with --prompt there are none. Leave one of them out.");
        using var model = context.ReadModel(context.Get(Model));
        var task = texts.Length > 0 ? CommandContext.FindTask(model, context.Get(Task)) : CommandContext.TaskOf(model, context.Get(Task));
        if (task is not null)
            Evaluation.RequireFits(model.Weights.Config, task);
        var parser = new PromptParser(model.Weights.Config, task);
        Prompt[] written = [.. texts.Select(parser.Parse)];

        var weights = context.OnDevice(model.Weights);
        var random = new Random(context.Seed);
        var heads = task is null ? [] : AttentionFiles.Heads(weights, task, AnalysisSettings.For(task).Lengths, random);
        var prompts = task is null || written.Length > 0 ? written : Samples(task, weights.Config, context.Get(Length), random);
        List<PromptReading> readings = [];
        foreach (var prompt in prompts)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            readings.Add(PromptReading.Of(weights, prompt, task));
        }

        var document = AttentionFiles.Document(heads, readings);
        var page = context.Get(Out) is { } folder ? Write(folder, model, task, document, readings, written.Length) : null;
        context.Result(document, console =>
        {
            if (task is null)
                console.WriteLine($"No task of '{model.Name}' is known, so there are no scores; --task names one.");
            else
                console.Write(AnalysisOutput.Heads(document));
            if (page is not null)
                console.WriteLine($"page  {page}");
        });
    }

    private static IReadOnlyList<Prompt> Samples(ITask task, ModelConfig config, int? length, Random random) =>
        length is { } one ? PromptSamples.Draw(task, config.NCtx, one, random) : PromptSamples.Draw(task, config.NCtx, random);

    /// <summary>Page, numbers, and pictures of every prompt that was written, or of the first sample.</summary>
    private static string Write(string folder, ModelOnDisk model, ITask? task, AttentionDocument document, List<PromptReading> readings, int written)
    {
        var page = Path.Combine(folder, "attention.html");
        AttentionPage.Write(page, NewRun.Model(model), task?.Name, document.Heads, readings);
        Json.Write(Path.Combine(folder, "attention.json"), document);
        for (var i = 0; i < Math.Max(1, written); i++)
            RunPlots.Patterns(readings[i], Path.Combine(folder, i == 0 ? "attention" : $"prompt-{i + 1}-attention"), $"{model.Name}: {readings[i].Name}");
        return page;
    }
}
