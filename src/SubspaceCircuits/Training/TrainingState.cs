namespace SubspaceCircuits.Training;

/// <summary>Everything that a training needs to go on as if it had not been stopped.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Tokens">Tokens of these steps.</param>
/// <param name="Repeats">Samples of these steps that validation has too, see <see cref="TrainingSamples"/>.</param>
/// <param name="Accuracy">Accuracy of the last validation, or null before the first.</param>
/// <param name="Values">Parameters, in the engine's order.</param>
/// <param name="First">Adam's first moments.</param>
/// <param name="Second">Adam's second moments.</param>
public sealed record TrainingState(int Step, long Tokens, long Repeats, double? Accuracy, float[] Values, float[] First, float[] Second);
