using System.CommandLine;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli.Bench.KnownCircuits;

/// <summary><c>bench known-circuits</c>.</summary>
internal static class BenchKnownCircuits
{
    private static readonly Option<string[]> Programs = new("--programs") { Description = "Programs; all of the catalogue when not given.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string[]> Levels = new("--level") { Description = "Levels of disguise, D0 to D4.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["D0", "D1", "D2"] };
    private static readonly Option<string> Stage = new("--stage") { Description = "oracle: the true subspaces are given; end-to-end: partition finds them first.", DefaultValueFactory = _ => "oracle" };
    private static readonly Option<int> Seeds = new("--seeds") { Description = "Seeds of the disguises, from --seed on.", DefaultValueFactory = _ => 3 };
    private static readonly Option<string?> Out = new("--out") { Description = "Folder: known-circuits-STAGE.parquet and .md, and rows.jsonl, from which the same command goes on." };

    private sealed record Output(string Suite, IReadOnlyList<KnownCircuitRow> Rows);

    public static Command Create()
    {
        var command = new Command("known-circuits", "Find circuits that are known: programs x levels of disguise x seeds.") { Programs, Levels, Stage, Seeds, Out };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        var stage = context.Get(Stage);
        if (stage is not ("oracle" or "end-to-end"))
            throw new ArgumentException($"--stage should be oracle or end-to-end, but is '{stage}'.");
        if (context.Get(Seeds) < 1)
            throw new ArgumentException($"--seeds should be at least 1, but is {context.Get(Seeds)}.");
        CatalogueEntry[] entries = context.Get(Programs) is { Length: > 0 } names ? [.. names.Select(ProgramCatalogue.Find)] : [.. ProgramCatalogue.All];
        DisguiseLevel[] levels = [.. context.Get(Levels).Distinct().Select(name => CompileCommand.Level("--level", name))];
        var folder = context.Get(Out);
        var log = folder is null ? null : new RowLog<KnownCircuitRow>(Path.Combine(folder, "rows.jsonl"));
        var done = log?.Rows.Where(row => row.Stage == stage).ToDictionary(row => (row.Program, row.Level, row.Seed)) ?? [];
        var wanted = (from entry in entries from level in levels from seed in Enumerable.Range(context.Seed, context.Get(Seeds)) select (entry, level, seed)).ToArray();
        var missing = wanted.Where(one => !done.ContainsKey((one.entry.Id, one.level.ToString(), one.seed))).ToArray();
        if (missing.Length < wanted.Length)
            CommandContext.Say($"{wanted.Length - missing.Length} of {wanted.Length} models were done before.");

        void Done(KnownCircuitRow row)
        {
            done[(row.Program, row.Level, row.Seed)] = row;
            log?.Add(row);
            CommandContext.Say(KnownCircuitReport.Line(row));
        }

        if (context.Threads == 1 || missing.Length == 1)
        {
            context.UseThreads();
            foreach (var (entry, level, seed) in missing)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                Done(stage == "oracle" ? OracleSuite.Measure(entry, entry.Tested, level, seed) : EndToEndSuite.Measure(entry, entry.Tested, level, seed, context.Cancellation));
            }
        }
        else
        {
            // Models are small: a process for each core gains what threads inside libtorch do not.
            string[][] calls = [.. missing.GroupBy(one => (one.entry.Id, one.level)).Select(group => (string[])["bench", "known-circuits", "--programs", group.Key.Id, "--level", $"{group.Key.level}",
                "--stage", stage, "--seed", $"{group.Min(one => one.seed)}", "--seeds", $"{group.Max(one => one.seed) - group.Min(one => one.seed) + 1}", "--threads", "1", "--json"])];
            var failures = ChildProcesses.Run<Output>(calls, context.Threads, output =>
            {
                foreach (var row in output.Rows.Where(row => !done.ContainsKey((row.Program, row.Level, row.Seed))))
                    Done(row);
            }, context.Cancellation);
            if (failures.Count > 0)
                throw new InvalidOperationException($"{failures.Count} of {calls.Length} runs failed twice{(folder is null ? "" : "; the others are kept")}. The first: {failures[0]}");
        }

        KnownCircuitRow[] rows = [.. wanted.Select(one => done[(one.entry.Id, one.level.ToString(), one.seed)])];
        if (folder is not null)
        {
            KnownCircuitReport.WriteParquet(Path.Combine(folder, $"known-circuits-{stage}.parquet"), rows);
            AtomicFile.Write(Path.Combine(folder, $"known-circuits-{stage}.md"), $"`{context.CommandLine}`\n\n{KnownCircuitReport.Table(rows)}");
        }

        context.Result(new Output("known-circuits", rows), _ => Console.Out.Write(KnownCircuitReport.Table(rows)));
    }
}
