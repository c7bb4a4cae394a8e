using System.Text.Json;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Runs;

/// <summary>A line of <c>metrics.jsonl</c>.</summary>
/// <param name="Stage">Stage, such as <c>partition x0.pre</c>.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Loss">Loss of the last step.</param>
/// <param name="GradientNorm">Norm of the gradient before clipping.</param>
/// <param name="Subspaces">Number of subspaces at present.</param>
public sealed record MetricsLine(string Stage, int Step, double Loss, double GradientNorm, int Subspaces);

/// <summary><c>metrics.jsonl</c>: how the trainings of a run went, one JSON object for every tenth step.</summary>
/// <param name="path">The file.</param>
internal sealed class MetricsLog(string path)
{
    private const int Interval = 10;
    private readonly List<MetricsLine> _lines = [];

    /// <summary>Notes a step; most are passed over.</summary>
    public void Note(string stage, PartitionProgress step)
    {
        if (step.Step % Interval == 0 || step.Step == step.MaxSteps)
            _lines.Add(new MetricsLine(stage, step.Step, step.Loss, step.GradientNorm, step.Sizes.Count));
    }

    /// <summary>Writes what was noted in the place of the lines that an earlier attempt at the stage left.</summary>
    public void Save(string stage)
    {
        var others = File.Exists(path) ? File.ReadAllLines(path).Where(line => !line.StartsWith($"{{\"stage\":{JsonSerializer.Serialize(stage)},", StringComparison.Ordinal)) : [];
        AtomicFile.Write(path, string.Concat([.. others.Select(line => line + "\n"), .. _lines.Select(line => JsonSerializer.Serialize(line, Json.Compact) + "\n")]));
        _lines.Clear();
    }
}
