using System.Globalization;
using System.Text;

namespace SubspaceCircuits.Cli.Bench.RealCircuits;

/// <summary>Tables of the circuits of real models: Markdown for people, Parquet for programs.</summary>
internal static class RealCircuitReport
{
    /// <summary>Progress in one line.</summary>
    public static string Line(RealCircuitRow row) => string.Create(CultureInfo.InvariantCulture,
        $"{row.Model} {row.Level} {row.Norm} {row.Ablation} {row.Method} {row.Goal}: {row.Edges} of {row.Of} edges, match {row.FitMatch:0.###} held, {row.Fresh.Match:0.###} fresh; all edges {row.AllEdgesMatch:0.###}; {row.Seconds:0} s");

    /// <summary>A row for each circuit.</summary>
    public static string Table(IReadOnlyList<RealCircuitRow> rows)
    {
        var text = new StringBuilder("| model | level | norm | ablation | method | goal | lengths | edges | match held | fresh | 1-50 | 51-100 | 101-150 | task (model) | KL | all edges | s |\n");
        text.Append('|').Insert(text.Length, "---|", 17).Append('\n');
        foreach (var row in rows)
        {
            string Range(int from) => row.Ranges.FirstOrDefault(range => range.From == from) is { } range ? Number(range.Match) : "-";
            text.Append(CultureInfo.InvariantCulture, $"| {row.Model} | {row.Level} | {row.Norm} | {row.Ablation} | {row.Method} | {Number(row.Goal)} | {row.From}-{row.To} | {(row.IsReached ? $"{row.Edges} of {row.Of}{(row.ComponentEdges is { } between ? $" ({between} between components)" : "")}" : $"not reached of {row.Of}")} | {Number(row.FitMatch)}")
                .Append(CultureInfo.InvariantCulture, $" | {Number(row.Fresh.Match)}{(row.IsReached && !row.IsConfirmed ? " (missed)" : "")} | {Range(1)} | {Range(51)} | {Range(101)} | {Number(row.Fresh.TaskAccuracy)} ({Number(row.Fresh.ModelTaskAccuracy)})")
                .Append(CultureInfo.InvariantCulture, $" | {row.Fresh.Kl.ToString("g2", CultureInfo.InvariantCulture)} | {Number(row.AllEdgesMatch)} | {Number(row.Seconds)} |\n");
        }

        return text.ToString();
    }

    /// <summary>All figures, a row for each circuit.</summary>
    public static void WriteParquet(string path, IReadOnlyList<RealCircuitRow> rows) => new ParquetTable<RealCircuitRow>(rows).Column("model", row => row.Model).Column("level", row => row.Level)
        .Column("norm", row => row.Norm).Column("ablation", row => row.Ablation).Column("method", row => row.Method).Column("goal", row => row.Goal).Column("from", row => row.From).Column("to", row => row.To)
        .Column("seed", row => row.Seed).Column("edges", row => row.Edges).Column("component_edges", row => row.ComponentEdges ?? row.Edges).Column("of", row => row.Of).Column("is_reached", row => row.IsReached).Column("is_confirmed", row => row.IsConfirmed)
        .Column("match_held", row => row.FitMatch).Column("match_fresh", row => row.Fresh.Match).Column("match_all_edges", row => row.AllEdgesMatch).Column("task_accuracy", row => row.Fresh.TaskAccuracy)
        .Column("model_task_accuracy", row => row.Fresh.ModelTaskAccuracy).Column("kl", row => row.Fresh.Kl).Column("match_1_50", row => Match(row, 1)).Column("match_51_100", row => Match(row, 51))
        .Column("match_101_150", row => Match(row, 101)).Column("seconds", row => row.Seconds).Column("kept", row => string.Join(' ', row.Kept)).Write(path);

    private static double Match(RealCircuitRow row, int from) => row.Ranges.FirstOrDefault(range => range.From == from)?.Match ?? double.NaN;

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
