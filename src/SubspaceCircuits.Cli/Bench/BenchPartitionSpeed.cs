using System.CommandLine;
using System.Text;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli.Bench;

/// <summary><c>bench partition-speed</c>.</summary>
internal static class BenchPartitionSpeed
{
    private static readonly Option<int[]> ThreadCounts = new("--thread-counts") { Description = "Numbers of threads to measure with.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 2] };
    private static readonly Option<string[]> Shapes = new("--shapes") { Description = "Shapes to measure; all when not given.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string[]> Data = new("--data") { Description = "Kinds of data: gaussian, features.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["gaussian", "features"] };
    private static readonly Option<bool> Quick = new("--quick") { Description = "A few steps of each, to see that it runs." };
    private static readonly Option<string?> Write = new("--write") { Description = "Write the tables to this file." };

    private sealed record Output(string Suite, double PeakGflops, IReadOnlyList<PartitionSpeedSuite.Row> Rows, IReadOnlyDictionary<string, double> Means);

    public static Command Create()
    {
        var command = new Command("partition-speed", "Steps of partition training against the published code's operations in libtorch.") { ThreadCounts, Shapes, Data, Quick, Write };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        var counts = context.Get(ThreadCounts);
        if (counts.Length == 0 || counts.Any(count => count < 1))
            throw new ArgumentException("--thread-counts should be one or more numbers of at least 1.");
        var names = PartitionSpeedSuite.Cases.Select(@case => @case.Name).ToArray();
        var shapes = context.Get(Shapes) is { Length: > 0 } asked ? asked : names;
        foreach (var (value, known) in shapes.Select(shape => (shape, names)).Concat(context.Get(Data).Select(kind => (kind, SpeedData.Kinds.Keys.ToArray()))))
        {
            if (!known.Contains(value))
                throw new ArgumentException($"'{value}' is none of {string.Join(", ", known)}.");
        }

        var suite = new PartitionSpeedSuite(context.Seed, context.Get(Quick), new Said(), context.Cancellation);
        CommandContext.Say($"peak {suite.Peak:0} GFLOP/s a thread");
        List<PartitionSpeedSuite.Row> rows = [];
        foreach (var @case in PartitionSpeedSuite.Cases.Where(@case => shapes.Contains(@case.Name)))
        {
            foreach (var kind in context.Get(Data))
            {
                foreach (var row in suite.Measure(@case, kind, counts))
                {
                    CommandContext.Say($"  eager {row.EagerSeconds:g4} s, engine {row.EngineSeconds:g4} s, ratio {row.Ratio:0.0}, passes {row.Passes}+{row.DirectPasses}, agreement {row.Agreement:0.00000}");
                    rows.Add(row);
                }
            }
        }

        if (context.Get(Write) is { } file)
            AtomicFile.Write(file, Table(suite.Peak, rows));
        context.Result(new Output("partition-speed", suite.Peak, rows, Means(rows)), _ => Console.Out.Write(Table(suite.Peak, rows)));
    }

    /// <summary>Ratios with one thread, and of one thread's time over two threads', geometric means over kinds of data.</summary>
    private static Dictionary<string, double> Means(List<PartitionSpeedSuite.Row> rows)
    {
        var means = rows.Where(row => row.Threads == 1).GroupBy(row => row.Shape).ToDictionary(group => group.Key, group => Mean(group.Select(row => row.Ratio)));
        var pairs = from one in rows join two in rows on (one.Shape, one.Data) equals (two.Shape, two.Data) where one.Threads == 1 && two.Threads == 2 && one.Shape != "toy" select one.EngineSeconds / two.EngineSeconds;
        if (pairs.Any())
            means["two_threads"] = Mean(pairs);
        return means;
    }

    private static double Mean(IEnumerable<double> ratios) => Math.Exp(ratios.Average(Math.Log));

    private static string Table(double peak, List<PartitionSpeedSuite.Row> rows)
    {
        var text = new StringBuilder();
        text.AppendLine($"Peak of one thread (multiply-adds in registers): {peak:0} GFLOP/s.").AppendLine();
        text.AppendLine("| shape | data | threads | eager ms/step | engine ms/step | ratio | one thread over this | work over peak | passes, direct | agreement |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var row in rows)
        {
            var one = rows.FirstOrDefault(other => other.Shape == row.Shape && other.Data == row.Data && other.Threads == 1);
            text.AppendLine($"| {row.Shape} | {row.Data} | {row.Threads} | {row.EagerSeconds * 1e3:g4} | {row.EngineSeconds * 1e3:g4} | {row.Ratio:0.0} | {(one is null ? "–" : $"{one.EngineSeconds / row.EngineSeconds:0.00}")} | {row.Work:0.00} | {row.Passes}, {row.DirectPasses} | {(row.Agreement < 1 ? $"{row.Agreement:0.00000}" : "1")} |");
        }

        return text.ToString();
    }

    private sealed class Said : IProgress<string>
    {
        public void Report(string value) => CommandContext.Say(value);
    }
}
