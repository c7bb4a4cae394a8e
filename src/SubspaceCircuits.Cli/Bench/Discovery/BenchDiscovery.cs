using System.CommandLine;
using System.Text;
using SubspaceCircuits.Subspaces.Synthetic;

namespace SubspaceCircuits.Cli.Bench.Discovery;

/// <summary><c>bench discovery</c>.</summary>
internal static class BenchDiscovery
{
    private static readonly Option<string[]> Settings = new("--settings") { Description = "Activations; all when not given.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string[]> Strategies = new("--strategies") { Description = "discover, merge (the published method), stop-at (the same, told the number).", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. DiscoverySuite.Strategies.Keys] };
    private static readonly Option<int> Seeds = new("--seeds") { Description = "Seeds, from --seed on.", DefaultValueFactory = _ => 10 };

    private sealed record Output(string Suite, IReadOnlyList<DiscoverySuite.Row> Rows);

    public static Command Create()
    {
        var command = new Command("discovery", "Find subspaces that are known, without being told how many: settings x seeds x strategies.") { Settings, Strategies, Seeds };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        context.UseThreads();
        SyntheticCase[] cases = context.Get(Settings) is { Length: > 0 } names ? [.. names.Select(SyntheticSuite.Find)] : [.. SyntheticSuite.All];
        List<DiscoverySuite.Row> rows = [];
        foreach (var one in cases)
        {
            for (var seed = context.Seed; seed < context.Seed + context.Get(Seeds); seed++)
            {
                foreach (var strategy in context.Get(Strategies))
                {
                    rows.Add(DiscoverySuite.Measure(one, seed, strategy, context.Cancellation));
                    CommandContext.Say(Line(rows[^1]));
                }
            }
        }

        context.Result(new Output("discovery", rows), _ => Console.Out.Write(Table(rows)));
    }

    private static string Line(DiscoverySuite.Row row) =>
        $"| {row.Setting} | {row.Seed} | {row.Strategy} | {row.Count} of {row.TrueCount} | {row.Sizes} | {row.MeanOverlap:0.000} | {row.LeastOverlap:0.000} | {(row.IsRight ? "yes" : "no")} | {row.Seconds:0.0} |";

    private static string Table(List<DiscoverySuite.Row> rows)
    {
        var text = new StringBuilder("| setting | strategy | right | mean overlap where the count is right | seconds |\n|---|---|---|---|---|\n");
        foreach (var group in rows.GroupBy(row => (row.Setting, row.Strategy)))
        {
            var counted = group.Where(row => row.Count == row.TrueCount).Select(row => row.MeanOverlap).DefaultIfEmpty(double.NaN).Average();
            text.AppendLine($"| {group.Key.Setting} | {group.Key.Strategy} | {group.Count(row => row.IsRight)} of {group.Count()} | {counted:0.000} | {group.Average(row => row.Seconds):0.0} |");
        }

        return text.ToString();
    }
}
