using System.CommandLine;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Subspaces.Synthetic;

namespace SubspaceCircuits.Cli.Bench.Discovery;

/// <summary><c>bench discovery</c>.</summary>
internal static class BenchDiscovery
{
    private static readonly Option<string[]> Settings = new("--settings") { Description = "Activations; all but the timed ones (d16, d64, d256) when not given.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string[]> Strategies = new("--strategies") { Description = "discover, merge (the published method), stop-at (the same, told the number).", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. DiscoverySuite.Strategies.Keys] };
    private static readonly Option<int> Seeds = new("--seeds") { Description = "Seeds, from --seed on.", DefaultValueFactory = _ => 10 };

    private static readonly Option<string[]> From = new("--from") { Description = "Output (--json) of earlier runs, to be taken in the place of running: one table and figure of runs made in pieces.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string?> Write = new("--write") { Description = "Folder for discovery.parquet, the figures, and the tilt experiment, which is run then." };

    private sealed record Output(string Suite, IReadOnlyList<DiscoverySuite.Row> Rows);

    public static Command Create()
    {
        var command = new Command("discovery", "Find subspaces that are known, without being told how many: settings x seeds x strategies.") { Settings, Strategies, Seeds, From, Write };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        context.UseThreads();
        var rows = context.Get(From) is { Length: > 0 } files ? [.. files.SelectMany(file => Json.Read<Output>(file).Rows)] : Measured(context);
        if (context.Get(Write) is { } folder)
        {
            IReadOnlyList<TiltSuite.Row> tilts = [.. TiltSuite.Measure("2 x 8, 36 values", new(8, 36), context.Seed), .. TiltSuite.Measure("2 x 4, 12 values", new(4, 12), context.Seed)];
            DiscoveryReport.Write(folder, rows, tilts);
            CommandContext.Say(DiscoveryReport.Table(tilts));
        }

        context.Result(new Output("discovery", rows), _ => Console.Out.Write(DiscoveryReport.Table(rows)));
    }

    private static List<DiscoverySuite.Row> Measured(CommandContext context)
    {
        SyntheticCase[] cases = context.Get(Settings) is { Length: > 0 } names ? [.. names.Select(SyntheticSuite.Find)] : [.. SyntheticSuite.Reference, .. SyntheticSuite.Harder];
        string[] strategies = context.Get(Strategies);
        foreach (var unknown in strategies.Where(name => !DiscoverySuite.Strategies.ContainsKey(name)))
            throw new ArgumentException($"There is no strategy '{unknown}'. Known: {string.Join(", ", DiscoverySuite.Strategies.Keys)}.");
        List<DiscoverySuite.Row> rows = [];
        foreach (var one in cases)
        {
            for (var seed = context.Seed; seed < context.Seed + context.Get(Seeds); seed++)
            {
                foreach (var strategy in strategies)
                {
                    rows.Add(DiscoverySuite.Measure(one, seed, strategy, context.Cancellation));
                    CommandContext.Say(DiscoveryReport.Line(rows[^1]));
                }
            }
        }

        return rows;
    }
}
