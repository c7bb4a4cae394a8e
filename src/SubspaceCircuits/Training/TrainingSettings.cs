namespace SubspaceCircuits.Training;

/// <summary>How the learning rate falls after the warm-up.</summary>
public enum RateDecay
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>In a straight line to 0 at the last step (Hugging Face's default).</summary>
    Linear,

    /// <summary>Along half a cosine, to a twentieth.</summary>
    Cosine,
}

/// <summary>How a transformer is trained on a task.</summary>
public sealed record TrainingSettings
{
    /// <summary>Optimiser steps at most, at least 1. Default 5,000.</summary>
    public int Steps { get; init; } = 5000;

    /// <summary>Sequences in a step, at least 1. Default 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Size of the data set, which is gone through in a new order every epoch; 0 (default) draws new samples for every step without end.</summary>
    public int DataSetSize { get; init; }

    /// <summary>Learning rate after the warm-up, positive. Default 3e-3.</summary>
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>Steps over which the rate rises from 0. Default 100.</summary>
    public int WarmUp { get; init; } = 100;

    /// <summary>How the rate falls. Default cosine.</summary>
    public RateDecay Decay { get; init; } = RateDecay.Cosine;

    /// <summary>AdamW's weight decay on matrices, zero or more; 0 is Adam. Default 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Decay of Adam's first moment, at least 0 and below 1. Default 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of Adam's second moment, at least 0 and below 1. Default 0.999.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Norm to which the gradient is clipped, positive. Default 1.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Share that dropout drops of the embeddings, of the attention patterns and of what attention and MLPs write (GPT-2's three places), at least 0 and below 1. Default 0.</summary>
    public double Dropout { get; init; }

    /// <summary>Shortest problem. Default 2.</summary>
    public int From { get; init; } = 2;

    /// <summary>Longest problem. Default 20.</summary>
    public int To { get; init; } = 20;

    /// <summary>Steps between two validations, at least 1. Default 250.</summary>
    public int ValidateEvery { get; init; } = 250;

    /// <summary>Sequences of the validation, which training does not see, at least 1. Default 500.</summary>
    public int ValidationSamples { get; init; } = 500;

    /// <summary>Whole-sequence accuracy at which training stops early; above 1 it never does. Default 0.995.</summary>
    public double TargetAccuracy { get; init; } = 0.995;

    /// <summary>Scale of the first weights, positive: they have standard deviation scale/√d_model. Default 0.8.</summary>
    public double InitialScale { get; init; } = 0.8;

    /// <summary>Further factor on the first position embedding, positive. Default 1.</summary>
    public double PositionScale { get; init; } = 1;

    /// <summary>Seed of weights, samples and dropout, zero or more.</summary>
    public int Seed { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        if (Steps < 1 || BatchSize < 1 || ValidateEvery < 1 || ValidationSamples < 1)
            throw new ArgumentException($"Steps ({Steps}), batch size ({BatchSize}), validation interval ({ValidateEvery}) and validation samples ({ValidationSamples}) should be at least 1.");
        if (Seed < 0 || DataSetSize < 0)
            throw new ArgumentException($"The seed ({Seed}) and the size of the data set ({DataSetSize}) should be zero or more.");
        if (!(InitialScale > 0) || !(PositionScale > 0))
            throw new ArgumentException($"The scales of the first weights ({InitialScale}) and positions ({PositionScale}) should be positive.");
        if (!(LearningRate > 0) || !(ClipNorm > 0) || !(WeightDecay >= 0) || WarmUp < 0)
            throw new ArgumentException($"Learning rate ({LearningRate}) and clipping norm ({ClipNorm}) should be positive, weight decay ({WeightDecay}) and warm-up ({WarmUp}) not negative.");
        if (!(Dropout >= 0 && Dropout < 1) || !(Beta1 >= 0 && Beta1 < 1) || !(Beta2 >= 0 && Beta2 < 1))
            throw new ArgumentException($"Dropout ({Dropout}) and the betas ({Beta1}, {Beta2}) should be at least 0 and below 1.");
    }

    /// <summary>Learning rate of a step.</summary>
    /// <param name="step">Steps done before it.</param>
    public double RateAt(int step)
    {
        var warm = Math.Min(1, (step + 1) / (double)Math.Max(1, WarmUp));
        var share = Math.Max(0, step - WarmUp) / (double)Math.Max(1, Steps - WarmUp);
        return LearningRate * warm * Decay switch
        {
            RateDecay.Linear => 1 - share,
            RateDecay.Cosine => Math.Max(0.05, 0.5 * (1 + Math.Cos(Math.PI * share))),
            _ => 1,
        };
    }
}
