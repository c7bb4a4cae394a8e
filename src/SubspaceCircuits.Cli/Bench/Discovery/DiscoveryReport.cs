using System.Text;
using SubspaceCircuits.Plots;
using SubspaceCircuits.Subspaces.Synthetic;

namespace SubspaceCircuits.Cli.Bench.Discovery;

/// <summary>The rows of <see cref="DiscoverySuite"/> and <see cref="TiltSuite"/> as tables, Parquet and figures.</summary>
internal static class DiscoveryReport
{
    /// <summary>Success by setting and strategy.</summary>
    public static string Table(IReadOnlyList<DiscoverySuite.Row> rows)
    {
        string[] strategies = [.. DiscoverySuite.Strategies.Keys.Where(name => rows.Any(row => row.Strategy == name))];
        var text = new StringBuilder();
        text.AppendLine($"| setting | what | {string.Join(" | ", strategies.Select(name => $"{name}: right | overlap | s"))} |");
        text.AppendLine($"|---|---|{string.Concat(Enumerable.Repeat("---|---|---|", strategies.Length))}");
        foreach (var setting in rows.GroupBy(row => row.Setting))
            text.AppendLine($"| {setting.Key} | {SyntheticSuite.Find(setting.Key).About} | {string.Join(" | ", strategies.Select(name => Cells([.. setting.Where(row => row.Strategy == name)])))} |");
        return text.ToString();
    }

    /// <summary>One line of a run.</summary>
    public static string Line(DiscoverySuite.Row row) =>
        $"| {row.Setting} | {row.Seed} | {row.Strategy} | {row.Count} of {row.TrueCount} | {row.Sizes} | {row.MeanOverlap:0.000} | {row.LeastOverlap:0.000} | {(row.IsRight ? "yes" : "no")} | {row.Seconds:0.0} |";

    /// <summary>The tilt table.</summary>
    public static string Table(IReadOnlyList<TiltSuite.Row> rows)
    {
        string[] settings = [.. rows.Select(row => row.Setting).Distinct()];
        var text = new StringBuilder();
        text.AppendLine($"| tilt, degrees | {string.Join(" | ", settings.Select(name => $"{name}: nats per dimension | q"))} |");
        text.AppendLine($"|---|{string.Concat(Enumerable.Repeat("---|---|", settings.Length))}");
        foreach (var angle in rows.GroupBy(row => row.Degrees))
            text.AppendLine($"| {angle.Key} | {string.Join(" | ", angle.Select(row => $"{row.Information:0.000} | {row.Share:0.000}"))} |");
        return text.ToString();
    }

    /// <summary>Writes everything beside each other: <c>discovery.parquet</c>, <c>discovery-success</c> and <c>discovery-tilt</c> as PNG and SVG.</summary>
    public static void Write(string folder, IReadOnlyList<DiscoverySuite.Row> rows, IReadOnlyList<TiltSuite.Row> tilts)
    {
        new ParquetTable<DiscoverySuite.Row>(rows)
            .Column("setting", row => row.Setting).Column("seed", row => row.Seed).Column("strategy", row => row.Strategy).Column("d_model", row => row.DModel).Column("rows", row => row.Rows)
            .Column("true_count", row => row.TrueCount).Column("count", row => row.Count).Column("sizes", row => row.Sizes).Column("mean_overlap", row => row.MeanOverlap)
            .Column("least_overlap", row => row.LeastOverlap).Column("is_right", row => row.IsRight).Column("set_aside", row => row.SetAside).Column("seconds", row => row.Seconds)
            .Write(Path.Combine(folder, "discovery.parquet"));
        string[] settings = [.. rows.Select(row => row.Setting).Distinct()];
        BarSeries[] bars = [.. DiscoverySuite.Strategies.Keys.Select(strategy => new BarSeries(Named(strategy), [.. settings.Select(setting =>
            rows.Where(row => row.Setting == setting && row.Strategy == strategy).Select(row => row.IsRight ? 1.0 : 0).DefaultIfEmpty(double.NaN).Average())]))];
        BarPlot.Save(Path.Combine(folder, "discovery-success"), settings, bars, "share of seeds", "Right number of subspaces, each with overlap above .9");
        if (tilts.Count == 0)
            return;
        (double X, string Name)[] ticks = [.. TiltSuite.Degrees.Select((degrees, place) => ((double)place, $"{degrees}°"))];
        LineSeries Of(IGrouping<string, TiltSuite.Row> setting, string name, Func<TiltSuite.Row, double> value, bool isDashed) =>
            new($"{setting.Key}: {name}", [.. setting.Select((row, place) => ((double)place, value(row)))], isDashed);
        LineSeries[] lines = [.. tilts.GroupBy(row => row.Setting).SelectMany(setting => (LineSeries[])[Of(setting, "mutual information, nats per dimension", row => row.Information, false), Of(setting, "q, finite resolution", row => row.Share, true)])];
        LinePlot.Save(Path.Combine(folder, "discovery-tilt"), lines, ticks, (0.04, "published threshold"), "error of the rotation", "estimated dependence", "Two independent subspaces, seen through a rotation that is off");
    }

    private static string Cells(DiscoverySuite.Row[] rows)
    {
        if (rows.Length == 0)
            return "– | – | –";
        var counted = rows.Where(row => row.Count == row.TrueCount).Select(row => row.MeanOverlap).DefaultIfEmpty(double.NaN).Average();
        return $"{rows.Count(row => row.IsRight)} of {rows.Length} | {(double.IsNaN(counted) ? "–" : $"{counted:0.000}")} | {rows.Average(row => row.Seconds):0.0}";
    }

    private static string Named(string strategy) => strategy switch
    {
        "merge" => "merge (published)",
        "stop-at" => "merge, told the number",
        _ => strategy,
    };
}
