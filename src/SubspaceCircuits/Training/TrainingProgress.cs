namespace SubspaceCircuits.Training;

/// <summary>What training reports on the way.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps at most.</param>
/// <param name="Loss">Loss of the last step, nats per prediction that it trains.</param>
/// <param name="GradientNorm">Norm of its gradient before clipping.</param>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="Tokens">Tokens of all steps so far.</param>
/// <param name="Accuracy">Whole-sequence accuracy of the last validation, or null before the first.</param>
public sealed record TrainingProgress(int Step, int Steps, double Loss, double GradientNorm, double LearningRate, long Tokens, double? Accuracy);
