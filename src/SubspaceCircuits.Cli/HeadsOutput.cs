using Spectre.Console;
using SubspaceCircuits.Interventions.Heads;

namespace SubspaceCircuits.Cli;

/// <summary>What <c>heads</c> prints.</summary>
internal static class HeadsOutput
{
    private const int MostPairs = 12, MostSets = 12;

    public static void Print(IAnsiConsole console, HeadRedundancy found)
    {
        console.Write(Heads(found));
        console.Write(Pairs(found));
        foreach (var sufficient in found.Sufficient)
            Print(console, sufficient);
    }

    private static Table Heads(HeadRedundancy found)
    {
        var table = new Table().Border(TableBorder.Simple).Title("One head ablated").AddColumns("head", "KL", "match", "task");
        foreach (var threshold in found.Settings.Thresholds)
            table.AddColumns($"at {threshold:0.###}", "partners");
        foreach (var head in found.Heads)
            table.AddRow([head.Head, $"{head.Alone.Kl:0.0000}", $"{head.Alone.MatchAccuracy:0.000}", $"{head.Alone.TaskAccuracy:0.000}",
                .. head.Verdicts.SelectMany(at => (string[])[$"{at.Verdict.ToString().ToLowerInvariant()} ({at.InSets}/{at.OfSets})", string.Join(' ', at.HarmfulWith.Union(at.SwapsWith))])]);
        table.Caption("KL in nats for each scored position; (in how many of the smallest sufficient sets / of how many)");
        return table;
    }

    private static Table Pairs(HeadRedundancy found)
    {
        var table = new Table().Border(TableBorder.Simple).Title("Two heads ablated: excess over the sum of both alone")
            .AddColumns("heads", "KL", "KL excess", "match", "match excess", "pattern (null)", "output");
        foreach (var pair in found.Pairs.Take(MostPairs))
            table.AddRow(string.Join(' ', pair.Heads), $"{pair.Both.Kl:0.0000}", $"{pair.KlExcess:+0.0000;-0.0000;0.0000}", $"{pair.Both.MatchAccuracy:0.000}", $"{pair.MatchExcess:+0.000;-0.000;0.000}",
                $"{pair.Similarity.Pattern:0.00} ({pair.Similarity.PatternNull:0.00})", $"{pair.Similarity.Output:0.00}");
        if (found.Pairs.Count > MostPairs)
            table.Caption($"the {MostPairs} with the greatest excess of {found.Pairs.Count}; all are in --json");
        return table;
    }

    private static void Print(IAnsiConsole console, SufficientSetsFinding found)
    {
        var proof = found.IsExhaustive ? $"proven by trying all smaller sets; the heuristic found {(found.IsHeuristicOptimal == true ? "the same size" : $"{found.HeuristicSize} heads")}" : "found by the heuristic, not proven";
        console.MarkupLineInterpolated($"[bold]match >= {found.Threshold:0.###}: {found.Size} heads[/], {found.Sets.Count} sets of this size ({proof})");
        foreach (var set in found.Sets.OrderByDescending(set => set.Fresh.MatchAccuracy).Take(MostSets))
            console.MarkupLineInterpolated($"  {(set.Heads.Count == 0 ? "none" : string.Join(' ', set.Heads))}: match {set.Fresh.MatchAccuracy:0.000} (chosen at {set.Chosen.MatchAccuracy:0.000}), task {set.Fresh.TaskAccuracy:0.000}, KL {set.Fresh.Kl:0.0000}");
        if (found.Sets.Count > MostSets)
            console.MarkupLineInterpolated($"  and {found.Sets.Count - MostSets} more, in --json");
    }
}
