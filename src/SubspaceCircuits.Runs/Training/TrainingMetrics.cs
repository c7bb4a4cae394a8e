using System.Text.Json;
using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Training;

namespace SubspaceCircuits.Runs;

/// <summary>A line of a training's <c>metrics.jsonl</c>.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Loss">Loss of this step, nats per prediction that is trained.</param>
/// <param name="GradientNorm">Norm of its gradient before clipping.</param>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="Tokens">Tokens so far.</param>
/// <param name="Accuracy">Whole-sequence accuracy where this step was validated, else null.</param>
public sealed record TrainingMetric(int Step, double Loss, double GradientNorm, double LearningRate, long Tokens, double? Accuracy);

/// <summary>
/// How a training goes: <c>metrics.jsonl</c> and TensorBoard's event file beside it. Lines after the checkpoint from which a training goes on are
/// dropped, and the event file is written anew from the lines that stay, so that both are what an uninterrupted training leaves.
/// Owns the writer of the lines and disposes it; TorchSharp's opens the event file anew for every event.
/// </summary>
internal sealed class TrainingMetrics : IDisposable
{
    public const string FileName = "metrics.jsonl";
    private const int Interval = 10;
    private readonly StreamWriter _lines;
    private readonly TorchSharp.Modules.SummaryWriter _events;
    private readonly int _validateEvery;

    /// <param name="folder">Folder of the model.</param>
    /// <param name="step">Steps done at the start.</param>
    /// <param name="validateEvery">Steps between validations.</param>
    public TrainingMetrics(string folder, int step, int validateEvery)
    {
        _validateEvery = validateEvery;
        var path = Path.Combine(folder, FileName);
        TrainingMetric[] kept = [.. Read(path).TakeWhile(line => line.Step <= step)];
        AtomicFile.Write(path, string.Concat(kept.Select(Line)));
        _lines = new StreamWriter(path, append: true);
        var events = Path.Combine(folder, "tensorboard");
        if (Directory.Exists(events))
            Directory.Delete(events, recursive: true);
        _events = TorchSharp.torch.utils.tensorboard.SummaryWriter(events);
        foreach (var line in kept)
            AddEvents(line);
    }

    /// <summary>Notes a step; every tenth and every validated one becomes a line.</summary>
    public void Note(TrainingProgress progress)
    {
        var isValidated = progress.Step % _validateEvery == 0;
        if (progress.Step % Interval != 0 && !isValidated && progress.Step != progress.Steps)
            return;
        var line = new TrainingMetric(progress.Step, progress.Loss, progress.GradientNorm, progress.LearningRate, progress.Tokens, isValidated ? progress.Accuracy : null);
        _lines.Write(Line(line));
        AddEvents(line);
    }

    /// <summary>Puts all lines so far into the file; comes before a checkpoint, which must not be ahead of them.</summary>
    public void Flush() => _lines.Flush();

    /// <inheritdoc/>
    public void Dispose() => _lines.Dispose();

    /// <summary>The lines of a file; a line that a kill cut off ends them.</summary>
    private static IEnumerable<TrainingMetric> Read(string path)
    {
        foreach (var text in File.Exists(path) ? File.ReadAllLines(path) : [])
        {
            TrainingMetric? line;
            try
            {
                line = JsonSerializer.Deserialize<TrainingMetric>(text, Json.Compact);
            }
            catch (JsonException)
            {
                yield break;
            }

            yield return line ?? throw new CheckpointException(path, "expected an object on every line, but found null");
        }
    }

    private static string Line(TrainingMetric line) => JsonSerializer.Serialize(line, Json.Compact) + "\n";

    private void AddEvents(TrainingMetric line)
    {
        _events.add_scalar("train/loss", (float)line.Loss, line.Step);
        _events.add_scalar("train/gradient_norm", (float)line.GradientNorm, line.Step);
        _events.add_scalar("train/learning_rate", (float)line.LearningRate, line.Step);
        if (line.Accuracy is { } accuracy)
            _events.add_scalar("validation/accuracy", (float)accuracy, line.Step);
    }
}
