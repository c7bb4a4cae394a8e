using System.CommandLine;
using Spectre.Console;
using SubspaceCircuits.Models;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Training;

namespace SubspaceCircuits.Cli;

/// <summary><c>train TASK --out MODEL</c>: a toy transformer.</summary>
internal static class TrainCommand
{
    private static readonly Argument<string> TaskName = new("TASK") { Description = "Task to train on." };
    private static readonly Option<string> Out = new("--out") { Description = "Model folder to write.", Required = true };
    private static readonly Option<int> Layers = new("--layers") { Description = "Layers.", DefaultValueFactory = _ => 2 };
    private static readonly Option<int> Heads = new("--heads") { Description = "Heads in each layer.", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> DModel = new("--d-model") { Description = "Width of the residual stream; a head has d_model / heads.", DefaultValueFactory = _ => 64 };
    private static readonly Option<bool> AttentionOnly = new("--attn-only") { Description = "No MLPs." };
    private static readonly Option<int> Steps = new("--steps") { Description = "Steps at most.", DefaultValueFactory = _ => 5000 };
    private static readonly Option<double> Rate = new("--learning-rate") { Description = "AdamW's learning rate.", DefaultValueFactory = _ => 3e-3 };
    private static readonly Option<int> Batch = new("--batch") { Description = "Sequences in a step.", DefaultValueFactory = _ => 64 };
    private static readonly Option<string?> Lengths = new("--lengths") { Description = "Lengths to train on, such as 2-20." };
    private static readonly Option<double> Target = new("--target") { Description = "Accuracy at which training stops.", DefaultValueFactory = _ => 0.995 };

    private sealed record Output(string Model, string Task, int Steps, double Accuracy);

    public static Command Create()
    {
        var command = new Command("train", "Train a toy transformer on a task.") { TaskName, Out, Layers, Heads, DModel, AttentionOnly, Steps, Rate, Batch, Lengths, Target };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        context.UseThreads();
        var task = TaskRegistry.Find(context.Get(TaskName));
        int d = context.Get(DModel), heads = context.Get(Heads);
        if (heads < 1 || d % heads != 0)
            throw new ArgumentException($"--d-model ({d}) should be a multiple of --heads ({heads}).");
        var config = new ModelConfig
        {
            NLayers = context.Get(Layers),
            NHeads = heads,
            DModel = d,
            DHead = d / heads,
            DMlp = context.Get(AttentionOnly) ? null : 4 * d,
            DVocab = task.Vocabulary.Tokens.Count,
            NCtx = task.NCtx,
        };
        config.Validate();
        var lengths = context.Get(Lengths) is { } text ? EvalCommand.ParseRanges(text)[0] : AnalysisSettings.For(task).Lengths;
        var settings = new TrainingSettings
        {
            Steps = context.Get(Steps),
            LearningRate = context.Get(Rate),
            BatchSize = context.Get(Batch),
            From = lengths.From,
            To = lengths.To,
            TargetAccuracy = context.Get(Target),
            Seed = context.Seed,
        };

        using var threads = SmallModelThreads.For(d);
        using var progress = new ProgressDisplay();
        var training = new ModelTraining(config, task, settings);
        var accuracy = training.Run(new TrainingSteps(progress), context.Cancellation);
        using var weights = training.Snapshot();
        TrainedModel.Write(context.Get(Out), weights, task, settings, training.StepsDone, accuracy);
        context.Result(new Output(context.Get(Out), task.Name, training.StepsDone, accuracy),
            console => console.MarkupLineInterpolated($"{task.Name}: accuracy {accuracy:0.000} after {training.StepsDone} steps, written to {context.Get(Out)}"));
    }
}

/// <summary>Progress of one or several trainings, shown as progress of a command.</summary>
/// <param name="display">Where it is shown.</param>
internal sealed class TrainingSteps(ProgressDisplay display) : IProgress<TrainingProgress>
{
    private int _trainings;

    public void Report(TrainingProgress value)
    {
        if (value.Step == 1)
            _trainings++;
        var accuracy = value.Accuracy is { } known ? $", accuracy {known:0.000}" : "";
        display.Report(new AnalysisProgress(_trainings == 1 ? "training" : $"training, try {_trainings}", value.Step, value.Steps, $"loss {value.Loss:0.000}{accuracy}"));
    }
}
