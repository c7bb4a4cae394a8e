using System.Text;
using SubspaceCircuits.Subspaces.Search;

namespace SubspaceCircuits.Cli.Bench.PartitionSpeed;

/// <summary>The suite's result as Markdown.</summary>
internal static class PartitionSpeedTable
{
    public static string Of(BenchPartitionSpeed.Output result)
    {
        var text = new StringBuilder();
        if (result.Rows.Count > 0)
            Speeds(text, result);
        if (result.Winners.Count > 0)
            Winners(text, result.Winners);
        if (result.Convergence.Count > 0)
            Convergence(text, result.Convergence);
        if (result.Growth.Count > 0)
            Growth(text, result);
        return text.ToString();
    }

    private static void Speeds(StringBuilder text, BenchPartitionSpeed.Output result)
    {
        text.AppendLine("| shape | activations | part | threads | eager s | engine s | ratio | share of peak | passes, direct | agreement |").AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var row in result.Rows)
            text.AppendLine($"| {Describe(row.Shape)} | {row.Data} | {row.Part.Replace('_', ' ')} | {row.Threads} | {row.EagerSeconds:g4} | {row.EngineSeconds:g4} | {row.Ratio:0.0} | {(row.PeakShare is { } share ? $"{share:0.000}" : "")} | {Search(row.Search)} |");
        text.AppendLine();
        text.AppendLine($"Peak (multiply-adds among registers, float32): {string.Join(", ", result.Peaks.Select(peak => $"{peak.Value:0} GFLOP/s with {peak.Key} thread{(peak.Key == 1 ? "" : "s")}"))}. Share of peak: 2 K d (d + B) operations, the search as it is defined, over the seconds of a whole step, over the peak; a search that does less than it is defined by can exceed 1.").AppendLine();
        foreach (var (row, gain) in PartitionSpeedSuite.TwoThreads(result.Rows))
            text.AppendLine($"Two threads over one, {row.Shape}, {row.Data}, {row.Part.Replace('_', ' ')}: {gain:0.00}  ");
        text.AppendLine().AppendLine("| mean ratio of | |").AppendLine("|---|---|");
        foreach (var (name, mean) in result.Means)
            text.AppendLine($"| {name.Replace('_', ' ')} | {mean:0.0#} |");
        text.AppendLine();
    }

    private static string Search(SearchStatistics? search) => search is null ? "|" : $"{search.Passes}, {search.DirectPasses} | {(search.Audited > 0 ? $"{search.Agreement:0.00000}" : "")}";

    private static void Convergence(StringBuilder text, IReadOnlyList<ConvergenceSuite.Row> rows)
    {
        text.AppendLine("| shape | activations | steps | baseline | engine | identity | baseline's loss | engine's loss | difference | merges | same | agreement | excess of distances |").AppendLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var row in rows)
            text.AppendLine($"| {Describe(row.Shape)}, at most {ConvergenceSuite.MostBlocks} blocks | {row.Data} | {row.Steps} | {row.Baseline} | {row.Engine} | {row.Start:0.00000} | {row.BaselineLoss:0.00000} | {row.EngineLoss:0.00000} | {row.Difference:+0.00%;-0.00%} | {row.BaselineMerges.Count} | {(row.IsSameMerges ? "yes" : "no")} | {row.Agreement:0.00000} | {row.LossExcess:g2} |");
        text.AppendLine();
    }

    private static void Winners(StringBuilder text, IReadOnlyList<AgreementSuite.Row> rows)
    {
        text.AppendLine("| shape | activations | queries x subspaces | the oracle's key | as near within rounding | farther | greatest excess | loss error | gradient error |").AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var row in rows)
            text.AppendLine($"| {Describe(row.Shape)} | {row.Data} | {row.Queries} | {row.Equal} | {row.WithinRounding} | {row.Queries - row.Equal - row.WithinRounding} | {row.GreatestExcess:g2} | {row.LossError:g2} | {row.GradientError:g2} |");
        text.AppendLine();
    }

    private static void Growth(StringBuilder text, BenchPartitionSpeed.Output result)
    {
        text.AppendLine("| steps/s against | fitted exponent | |").AppendLine("|---|---|---|");
        foreach (var group in result.Growth.GroupBy(point => point.Against))
            text.AppendLine($"| {group.Key} | {result.Exponents[group.Key]:0.00} | {string.Join(", ", group.Select(point => $"{point.X:0}: {point.StepsPerSecond:g3}"))} |");
        text.AppendLine();
    }

    private static string Describe(string shape) => $"{shape} ({PartitionShape.All.Single(known => known.Name == shape).Describe})";
}
