using System.Globalization;
using System.Text;

namespace SubspaceCircuits.Cli.Bench.KnownCircuits;

/// <summary>Tables of the known circuits: Markdown for people, Parquet for programs.</summary>
internal static class KnownCircuitReport
{
    /// <summary>Progress in one line.</summary>
    public static string Line(KnownCircuitRow row) =>
        $"{row.Program} {row.Level} seed {row.Seed} {row.Stage}: edges F1 {Number(row.Edges.F1)}, SHD {row.Edges.Shd} of {row.Edges.Universe}; components AUROC {Number(row.Components.Auroc)}; wrong outputs {row.WrongOutputs}; {Number(row.Seconds)} s";

    /// <summary>A row for each program and level, means over the seeds; then means over programs, with and without those whose circuit is one MLP.</summary>
    public static string Table(IReadOnlyList<KnownCircuitRow> rows)
    {
        var hasSubspaces = rows.Any(row => row.Subspaces is not null);
        var text = new StringBuilder($"| program | level | seeds | d |{(hasSubspaces ? " SRS (adjusted) | by groups |" : "")} edges P | R | F1 (chance) | AUROC | AUPRC (chance) | SHD of | with BOS F1 | without embeddings F1 | ports F1 | components F1 | AUROC | AUROC by composition | ports | nodes F1 | block error | s |\n");
        text.Append('|').Append(string.Concat(Enumerable.Repeat("---|", hasSubspaces ? 22 : 20))).Append('\n');
        foreach (var group in rows.GroupBy(row => (row.Program, row.Level)))
            text.Append(Row(group.Key.Program, group.Key.Level, [.. group], hasSubspaces));
        foreach (var level in rows.GroupBy(row => row.Level))
        {
            text.Append(Row("**mean**", level.Key, [.. level], hasSubspaces));
            if (level.Any(row => !row.IsOneMlp) && level.Any(row => row.IsOneMlp))
                text.Append(Row("**mean without one-MLP programs**", level.Key, [.. level.Where(row => !row.IsOneMlp)], hasSubspaces));
        }

        return text.ToString();
    }

    /// <summary>All figures, a row for each model.</summary>
    public static void WriteParquet(string path, IReadOnlyList<KnownCircuitRow> rows)
    {
        var table = new ParquetTable<KnownCircuitRow>(rows).Column("program", row => row.Program).Column("level", row => row.Level).Column("seed", row => row.Seed).Column("stage", row => row.Stage)
            .Column("d_model", row => row.DModel).Column("is_one_mlp", row => row.IsOneMlp).Column("wrong_outputs", row => row.WrongOutputs).Column("block_error", row => row.BlockError)
            .Column("adjusted_srs", row => row.Subspaces?.AdjustedSrs ?? double.NaN).Column("group_adjusted_srs", row => row.Subspaces?.GroupAdjustedSrs ?? double.NaN);
        foreach (var (name, of) in new (string, Func<KnownCircuitRow, LevelRow>)[] { ("edges", row => row.Edges), ("edges_with_auxiliary", row => row.EdgesWithAuxiliary), ("edges_without_embedding", row => row.EdgesWithoutEmbedding),
            ("ports", row => row.Ports), ("components", row => row.Components), ("nodes", row => row.Nodes) })
        {
            table.Column($"{name}_precision", row => of(row).Precision ?? double.NaN).Column($"{name}_recall", row => of(row).Recall ?? double.NaN).Column($"{name}_f1", row => of(row).F1)
                .Column($"{name}_auroc", row => of(row).Auroc ?? double.NaN).Column($"{name}_auprc", row => of(row).Auprc ?? double.NaN).Column($"{name}_shd", row => of(row).Shd)
                .Column($"{name}_true", row => of(row).True).Column($"{name}_universe", row => of(row).Universe).Column($"{name}_f1_chance", row => of(row).F1Chance).Column($"{name}_auprc_chance", row => of(row).AuprcChance ?? double.NaN);
        }

        table.Column("seconds", row => row.Seconds).Write(path);
    }

    private static string Row(string program, string level, IReadOnlyList<KnownCircuitRow> rows, bool hasSubspaces)
    {
        string Mean(Func<KnownCircuitRow, double?> of) => rows.Select(of).OfType<double>().Where(double.IsFinite).ToArray() is { Length: > 0 } values ? Number(values.Average()) : "-";
        return $"| {program} | {level} | {rows.Select(row => row.Seed).Distinct().Count()} | {Mean(row => row.DModel)} |{(hasSubspaces ? $" {Mean(row => row.Subspaces?.AdjustedSrs)} | {Mean(row => row.Subspaces?.GroupAdjustedSrs)} |" : "")}"
            + $" {Mean(row => row.Edges.Precision)} | {Mean(row => row.Edges.Recall)} | {Mean(row => row.Edges.F1)} ({Mean(row => row.Edges.F1Chance)}) | {Mean(row => row.Edges.Auroc)} | {Mean(row => row.Edges.Auprc)} ({Mean(row => row.Edges.AuprcChance)})"
            + $" | {Mean(row => row.Edges.Shd)} of {Mean(row => row.Edges.Universe)} | {Mean(row => row.EdgesWithAuxiliary.F1)} | {Mean(row => row.EdgesWithoutEmbedding.F1)} | {Mean(row => row.Ports.F1)} | {Mean(row => row.Components.F1)}"
            + $" | {Mean(row => row.Components.Auroc)} | {Mean(row => row.Composed?.Auroc)} | {Mean(row => row.ComposedPorts?.Auroc)} | {Mean(row => row.Nodes.F1)} | {rows.Max(row => row.BlockError).ToString("g2", CultureInfo.InvariantCulture)} | {Mean(row => row.Seconds)} |\n";
    }

    private static string Number(double? value) => value?.ToString("0.###", CultureInfo.InvariantCulture) ?? "-";
}
