namespace SubspaceCircuits.Training;

/// <summary>How a transformer is trained on a task.</summary>
public sealed record TrainingSettings
{
    /// <summary>Optimiser steps at most, at least 1. Default 5,000.</summary>
    public int Steps { get; init; } = 5000;

    /// <summary>Sequences in a step, at least 1. Default 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>AdamW's learning rate after the warm-up, positive. Default 3e-3.</summary>
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>Steps over which the rate rises from 0. Default 100.</summary>
    public int WarmUp { get; init; } = 100;

    /// <summary>AdamW's weight decay, zero or more. Default 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Norm to which the gradient is clipped, positive. Default 1.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Shortest problem. Default 2.</summary>
    public int From { get; init; } = 2;

    /// <summary>Longest problem. Default 20.</summary>
    public int To { get; init; } = 20;

    /// <summary>Steps between two validations on fresh samples, at least 1. Default 250.</summary>
    public int ValidateEvery { get; init; } = 250;

    /// <summary>Sequences of a validation, at least 1. Default 500.</summary>
    public int ValidationSamples { get; init; } = 500;

    /// <summary>Whole-sequence accuracy at which training stops early; above 1 it never does. Default 0.995.</summary>
    public double TargetAccuracy { get; init; } = 0.995;

    /// <summary>Scale of the first weights, positive: they have standard deviation scale/√d_model. Default 0.8.</summary>
    public double InitialScale { get; init; } = 0.8;

    /// <summary>Further factor on the first position embedding, positive. Default 1.</summary>
    public double PositionScale { get; init; } = 1;

    /// <summary>Seed of weights and samples.</summary>
    public int Seed { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        if (Steps < 1 || BatchSize < 1 || ValidateEvery < 1 || ValidationSamples < 1)
            throw new ArgumentException($"Steps ({Steps}), batch size ({BatchSize}), validation interval ({ValidateEvery}) and validation samples ({ValidationSamples}) should be at least 1.");
        if (!(InitialScale > 0) || !(PositionScale > 0))
            throw new ArgumentException($"The scales of the first weights ({InitialScale}) and positions ({PositionScale}) should be positive.");
        if (!(LearningRate > 0) || !(ClipNorm > 0) || !(WeightDecay >= 0) || WarmUp < 0)
            throw new ArgumentException($"Learning rate ({LearningRate}) and clipping norm ({ClipNorm}) should be positive, weight decay ({WeightDecay}) and warm-up ({WarmUp}) not negative.");
    }
}

/// <summary>What training reports on the way.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps at most.</param>
/// <param name="Loss">Cross-entropy of the last step, nats per supervised position.</param>
/// <param name="Accuracy">Whole-sequence accuracy of the last validation, or null before the first.</param>
public sealed record TrainingProgress(int Step, int Steps, double Loss, double? Accuracy);
