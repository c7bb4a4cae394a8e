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

/// <summary>The lines of one stage in <c>metrics.jsonl</c>: how its training went, one JSON object for every tenth step.</summary>
internal sealed class MetricsLog
{
    private const int Interval = 10;
    private readonly string _path, _stage;
    private readonly List<MetricsLine> _lines;

    /// <param name="path">The file.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="stepsDone">Steps that an earlier attempt did and that this one goes on from; what it noted after them is dropped.</param>
    public MetricsLog(string path, string stage, int stepsDone)
    {
        (_path, _stage) = (path, stage);
        _lines = [.. Lines().Where(IsOwn).Select(line => JsonSerializer.Deserialize<MetricsLine>(line, Json.Compact)!).Where(line => line.Step <= stepsDone)];
    }

    /// <summary>Notes a step; most are passed over.</summary>
    public void Note(PartitionProgress step)
    {
        if (step.Step % Interval == 0 || step.Step == step.MaxSteps)
            _lines.Add(new MetricsLine(_stage, step.Step, step.Loss, step.GradientNorm, step.Sizes.Count));
    }

    /// <summary>Writes what was noted in the place of the stage's lines that are there.</summary>
    public void Save() => AtomicFile.Write(_path, string.Concat(Lines().Where(line => !IsOwn(line)).Concat(_lines.Select(line => JsonSerializer.Serialize(line, Json.Compact))).Select(line => line + "\n")));

    private string[] Lines() => File.Exists(_path) ? File.ReadAllLines(_path) : [];

    private bool IsOwn(string line) => line.StartsWith($"{{\"stage\":{JsonSerializer.Serialize(_stage)},", StringComparison.Ordinal);
}
