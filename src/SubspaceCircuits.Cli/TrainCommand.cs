using System.CommandLine;
using Spectre.Console;
using SubspaceCircuits.Models;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Training;

namespace SubspaceCircuits.Cli;

/// <summary><c>train TASK --out MODEL</c>, or <c>train --recipe FILE --out MODEL</c>: a toy transformer.</summary>
internal static class TrainCommand
{
    private static readonly Argument<string?> TaskName = new("TASK") { Description = "Task to train on, such as unique_copy or unique_ngram_pattern:n=2,characters=62; 'subspace tasks list' names all. With --recipe the recipe's.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string> Out = new("--out") { Description = "Model folder to write.", Required = true };
    private static readonly Option<string?> RecipeFile = new("--recipe") { Description = "JSON file with task, model and settings; options given beside it win." };
    private static readonly Option<int> Layers = new("--layers") { Description = "Layers (2)." };
    private static readonly Option<int> Heads = new("--heads") { Description = "Heads in each layer (1)." };
    private static readonly Option<int> DModel = new("--d-model") { Description = "Width of the residual stream (64); a head has d_model / heads." };
    private static readonly Option<bool> AttentionOnly = new("--attn-only") { Description = "No MLPs." };
    private static readonly Option<string> Activation = new("--activation") { Description = "gelu_new (default) or relu." };
    private static readonly Option<bool> NoNorm = new("--no-norm") { Description = "No LayerNorm." };
    private static readonly Option<int> Steps = new("--steps") { Description = "Steps at most (5000)." };
    private static readonly Option<int> Batch = new("--batch") { Description = "Sequences in a step (64)." };
    private static readonly Option<int> DataSet = new("--data-set") { Description = "Sequences of a finite data set; 0 (default) draws new ones without end." };
    private static readonly Option<double> Rate = new("--learning-rate") { Description = "Learning rate after the warm-up (0.003)." };
    private static readonly Option<int> WarmUp = new("--warm-up") { Description = "Steps over which the rate rises (100)." };
    private static readonly Option<string> Decay = new("--decay") { Description = "How the rate falls: none, linear or cosine (default)." };
    private static readonly Option<string> Optimizer = new("--optimizer") { Description = "adamw (default) or adam, which is without weight decay." };
    private static readonly Option<double> WeightDecay = new("--weight-decay") { Description = "AdamW's weight decay on matrices (0.01)." };
    private static readonly Option<double> Clip = new("--clip") { Description = "Norm to which the gradient is clipped (1)." };
    private static readonly Option<double> Dropout = new("--dropout") { Description = "Share that is dropped, at GPT-2's three places (0)." };
    private static readonly Option<string> Lengths = new("--lengths") { Description = "Lengths to train on, such as 2-20." };
    private static readonly Option<double> Target = new("--target") { Description = "Accuracy on unseen samples at which training stops (0.995); above 1 it never does." };
    private static readonly Option<int> ValidateEvery = new("--validate-every") { Description = "Steps between validations (250)." };
    private static readonly Option<int> ValidationSamples = new("--validation-samples") { Description = "Sequences of a validation (500)." };
    private static readonly Option<int> CheckpointEvery = new("--checkpoint-every") { Description = "Steps between checkpoints; the same command goes on from the last.", DefaultValueFactory = _ => 500 };
    private static readonly Option<int> SaveEvery = new("--save-every") { Description = "Steps between models that are kept in OUT/steps/STEP; 0 keeps none.", DefaultValueFactory = _ => 0 };

    private sealed record Output(string Model, string Task, int Steps, double Accuracy, double RepeatShare);

    public static Command Create()
    {
        var command = new Command("train", "Train a toy transformer on a task.") { TaskName };
        foreach (var option in new Option[] { Out, RecipeFile, Layers, Heads, DModel, AttentionOnly, Activation, NoNorm, Steps, Batch, DataSet, Rate, WarmUp, Decay, Optimizer, WeightDecay, Clip, Dropout, Lengths, Target, ValidateEvery, ValidationSamples, CheckpointEvery, SaveEvery })
            command.Options.Add(option);
        Activation.AcceptOnlyFromAmong("gelu_new", "relu");
        Decay.AcceptOnlyFromAmong("none", "linear", "cosine");
        Optimizer.AcceptOnlyFromAmong("adamw", "adam");
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        context.UseThreads();
        if (context.Get(CommonOptions.Device) != "cpu")
            throw new ArgumentException("Toy transformers are trained on the CPU: leave --device out.");
        var recipe = RecipeOf(context);
        var folder = context.Get(Out);
        TrainingDocument done;
        using (var progress = new ProgressDisplay())
            done = TrainingRun.Run(folder, recipe, context.Threads, context.Get(CheckpointEvery), context.Get(SaveEvery), new TrainingSteps(progress), context.Cancellation);
        context.Result(new Output(folder, recipe.Task, done.Steps, done.Accuracy, done.RepeatShare),
            console => console.MarkupLineInterpolated($"{recipe.Task}: accuracy {done.Accuracy:0.000} on unseen samples after {done.Steps} steps, written to {folder}"));
    }

    /// <summary>The recipe's values, or the defaults, under the options that were given.</summary>
    private static Recipe RecipeOf(CommandContext context)
    {
        T Or<T>(Option<T> option, T fallback) => context.IsGiven(option) ? context.Get(option) : fallback;
        var start = context.Get(RecipeFile) is { } file ? Recipe.Read(file) : null;
        var name = context.Get(TaskName) ?? start?.Task ?? throw new ArgumentException("Say what to train on: a TASK, or --recipe FILE. 'subspace tasks list' names the tasks.");
        var task = TaskRegistry.Find(name);
        var usual = AnalysisSettings.For(task).Lengths;
        var (model, settings) = (start?.Model ?? new RecipeModel(), start?.Settings ?? new TrainingSettings { From = usual.From, To = usual.To });
        var lengths = !context.IsGiven(Lengths) ? new LengthRange(settings.From, settings.To)
            : EvalCommand.ParseRanges(context.Get(Lengths)) is [var range] ? range : throw new ArgumentException($"--lengths should be one range, such as 2-20, but is {context.Get(Lengths)}.");
        if (context.IsGiven(Optimizer) && context.Get(Optimizer) == "adam" && context.IsGiven(WeightDecay))
            throw new ArgumentException("--optimizer adam is without weight decay: leave --weight-decay out, or take adamw.");
        return new Recipe(Recipe.CurrentSchema, task.Name,
            new RecipeModel
            {
                NLayers = Or(Layers, model.NLayers),
                NHeads = Or(Heads, model.NHeads),
                DModel = Or(DModel, model.DModel),
                AttnOnly = Or(AttentionOnly, model.AttnOnly),
                Activation = context.IsGiven(Activation) ? context.Get(Activation) == "relu" ? Models.Activation.Relu : Models.Activation.GeluNew : model.Activation,
                Normalization = Or(NoNorm, model.Normalization is Normalization.None) ? Normalization.None : Normalization.LayerNorm,
            },
            settings with
            {
                Steps = Or(Steps, settings.Steps),
                BatchSize = Or(Batch, settings.BatchSize),
                DataSetSize = Or(DataSet, settings.DataSetSize),
                LearningRate = Or(Rate, settings.LearningRate),
                WarmUp = Or(WarmUp, settings.WarmUp),
                Decay = context.IsGiven(Decay) ? Enum.Parse<RateDecay>(context.Get(Decay), ignoreCase: true) : settings.Decay,
                WeightDecay = context.IsGiven(Optimizer) && context.Get(Optimizer) == "adam" ? 0 : Or(WeightDecay, settings.WeightDecay),
                ClipNorm = Or(Clip, settings.ClipNorm),
                Dropout = Or(Dropout, settings.Dropout),
                From = lengths.From,
                To = lengths.To,
                TargetAccuracy = Or(Target, settings.TargetAccuracy),
                ValidateEvery = Or(ValidateEvery, settings.ValidateEvery),
                ValidationSamples = Or(ValidationSamples, settings.ValidationSamples),
                Seed = context.IsGiven(CommonOptions.Seed) ? context.Seed : settings.Seed,
            }, start?.About);
    }
}

/// <summary>Progress of one or several trainings, shown as progress of a command.</summary>
/// <param name="display">Where it is shown.</param>
internal sealed class TrainingSteps(ProgressDisplay display) : IProgress<TrainingProgress>
{
    private readonly System.Diagnostics.Stopwatch _clock = new();
    private long _tokensBefore;
    private int _trainings, _lastStep = int.MaxValue;

    public void Report(TrainingProgress value)
    {
        if (value.Step < _lastStep)
        {
            _trainings++;
            _tokensBefore = value.Tokens;
            _clock.Restart();
        }

        _lastStep = value.Step;
        var accuracy = value.Accuracy is { } known ? $", accuracy {known:0.000}" : "";
        var rate = (value.Tokens - _tokensBefore) / Math.Max(_clock.Elapsed.TotalSeconds, 1e-3);
        display.Report(new AnalysisProgress(_trainings == 1 ? "training" : $"training, try {_trainings}", value.Step, value.Steps, $"{rate / 1000:0} k tokens/s, loss {value.Loss:0.000}{accuracy}"));
    }
}
