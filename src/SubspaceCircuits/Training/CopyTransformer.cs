using SubspaceCircuits.Attention;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Training;

/// <summary>A trained copy transformer whose heads were checked. Owns nothing: the caller disposes the weights.</summary>
/// <param name="Weights">The model.</param>
/// <param name="Settings">Settings of the training that succeeded.</param>
/// <param name="Steps">Its steps.</param>
/// <param name="Accuracy">Whole-sequence accuracy on fresh samples.</param>
/// <param name="RepeatShare">Share of the training samples that validation had too.</param>
/// <param name="Attempts">Trainings until one made the circuit.</param>
/// <param name="PreviousToken">The previous-token head.</param>
/// <param name="Induction">The induction head, in a later layer.</param>
public sealed record TrainedCopyTransformer(Weights Weights, TrainingSettings Settings, int Steps, double Accuracy, double RepeatShare, int Attempts, HeadScores PreviousToken, HeadScores Induction);

/// <summary>
/// The smallest transformer that copies by induction: two layers, one head, attention only, d_model 16, on patterns of distinct
/// characters that stand there three times.
/// </summary>
/// <remarks>
/// Not every seed finds the circuit; others settle on copying by position, and the third repetition makes that rarer. It is found within a thousand steps or
/// not at all, so a training that does not copy after <see cref="StepsOfAnAttempt"/> steps is given up and the next seed tried.
/// </remarks>
public static class CopyTransformer
{
    /// <summary>Width of its residual stream and of its heads.</summary>
    public const int DModel = 16;

    /// <summary>Steps of a training.</summary>
    public const int Steps = 4000;

    /// <summary>Steps after which a training that does not copy is given up.</summary>
    public const int StepsOfAnAttempt = 1500;

    /// <summary>Trainings at most.</summary>
    public const int MostAttempts = 16;

    /// <summary>Least attention to the previous token that counts as a previous-token head: several times the uniform share.</summary>
    public const double PreviousTokenScore = 0.4;

    /// <summary>Least attention after all earlier occurrences that counts as an induction head.</summary>
    public const double InductionScore = 0.9;

    private const double LeastAccuracy = 0.95;

    /// <summary>Its task.</summary>
    public static ITask Task { get; } = TaskRegistry.Find("unique_token_pattern:characters=36,longest=16,repetitions=3");

    /// <summary>Trains until a seed makes both heads and copies nearly without fault.</summary>
    /// <param name="seed">First seed.</param>
    /// <param name="progress">Told every step; may be null.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <exception cref="InvalidOperationException">No seed made the circuit.</exception>
    public static TrainedCopyTransformer Train(int seed, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        var config = new ModelConfig { NLayers = 2, NHeads = 1, DModel = DModel, DHead = DModel, DVocab = Task.Vocabulary.Tokens.Count, NCtx = Task.NCtx };
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var settings = new TrainingSettings
            {
                Steps = Steps,
                LearningRate = 3e-3,
                WarmUp = 50,
                Decay = RateDecay.None,
                WeightDecay = 0,
                From = 4,
                To = Task.Lengths.Max,
                ValidateEvery = Steps,
                Seed = seed + attempt,
            };
            var training = new ModelTraining(config, Task, settings);
            while (training.StepsDone < StepsOfAnAttempt)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(training.Step());
            }

            if (training.FinalAccuracy() < LeastAccuracy)
                continue;
            var accuracy = training.Run(progress, cancellation);
            var weights = training.Snapshot();
            var heads = HeadScores.Of(weights, Task, TaskBatch.Draw(Task, settings.From, settings.To, 200, new Random(settings.Seed)));
            HeadScores previous = heads.MaxBy(head => head.PreviousToken)!, induction = heads.MaxBy(head => head.PrefixMatching)!;
            if (accuracy >= LeastAccuracy && previous.PreviousToken >= PreviousTokenScore && induction.PrefixMatching >= InductionScore && previous.Layer < induction.Layer)
                return new TrainedCopyTransformer(weights, settings, training.StepsDone, accuracy, training.RepeatShare, attempt + 1, previous, induction);
            weights.Dispose();
        }

        throw new InvalidOperationException($"None of {MostAttempts} seeds from {seed} on made a previous-token and an induction head. Try another --seed.");
    }
}
