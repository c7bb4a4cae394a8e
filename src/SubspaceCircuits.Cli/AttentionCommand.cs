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
    private static readonly Option<string[]> Prompts = new("--prompt") { Description = "Tokens of the task, separated by spaces, or token ids where no task is known; may be given several times. Samples of the task when not given." };
    private static readonly Option<int> Samples = new("--samples") { Description = $"Samples of the task, 1 to {PromptSamples.Most}.", DefaultValueFactory = _ => 3 };
    private static readonly Option<int?> Length = new("--length") { Description = "Problem length of all samples; from short to long when not given." };
    private static readonly Option<string?> Out = new("--out") { Description = "Folder for attention.html, attention.json and pictures; none when not given." };

    public static Command Create()
    {
        var command = new Command("attention", "Show what the heads attend to.") { Model, Task, Prompts, Samples, Length, Out };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        var texts = context.Get(Prompts);
        if (texts.Length > 0 && (context.IsGiven(Length) || context.IsGiven(Samples)))
            throw new ArgumentException("--samples and --length tell what samples to draw, but with --prompt none are drawn. Leave one or the other out.");
        using var model = context.ReadModel(context.Get(Model));
        var task = CommandContext.FindTask(model, context.Get(Task));
        if (task is null && texts.Length == 0)
            throw new ArgumentException($"Nothing tells the task of '{model.Name}', so no samples can be drawn. Pass --prompt with token ids, such as --prompt \"1 2 3\", or --task with one of: {string.Join(", ", TaskRegistry.All.Select(known => known.Name))}.");
        if (task is not null)
            Evaluation.RequireFits(model.Weights.Config, task);
        var parser = new PromptParser(model.Weights.Config, task);
        Prompt[] written = [.. texts.Select(parser.Parse)];

        var weights = context.OnDevice(model.Weights);
        var random = new Random(context.Seed);
        var heads = task is null ? [] : AttentionFiles.Heads(weights, task, AnalysisSettings.For(task).Lengths, random);
        var prompts = task is null || written.Length > 0 ? written : Drawn(task, weights.Config, context.Get(Samples), context.Get(Length), random);
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

    private static IReadOnlyList<Prompt> Drawn(ITask task, ModelConfig config, int count, int? length, Random random) =>
        length is { } one ? PromptSamples.Draw(task, config.NCtx, count, one, random) : PromptSamples.Draw(task, config.NCtx, count, random);

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
