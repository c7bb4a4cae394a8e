using System.CommandLine;
using System.Globalization;
using System.Text;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli.Bench.KnownCircuits;

/// <summary><c>bench edge-ranking</c>.</summary>
internal static class BenchEdgeRanking
{
    private static readonly Option<string[]> Programs = new("--programs") { Description = "Programs; all of the catalogue when not given.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string[]> Levels = new("--level") { Description = "Levels of disguise, D0 to D3.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["D0", "D1", "D2"] };
    private static readonly Option<int> Seeds = new("--seeds") { Description = "Seeds of the disguises, from --seed on.", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> Out = new("--out") { Description = "Folder: edge-ranking.md, and rows.jsonl, from which the same command goes on." };

    private sealed record Output(string Suite, IReadOnlyList<RankingRow> Rows);

    public static Command Create()
    {
        var command = new Command("edge-ranking", "Rank the edges of known circuits by every score: weights, moments, gradients (EAP, EAP-IG), exact ablation.") { Programs, Levels, Seeds, Out };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        if (context.Get(Seeds) < 1)
            throw new ArgumentException($"--seeds should be at least 1, but is {context.Get(Seeds)}.");
        CatalogueEntry[] entries = context.Get(Programs) is { Length: > 0 } names ? [.. names.Select(ProgramCatalogue.Find)] : [.. ProgramCatalogue.All];
        DisguiseLevel[] levels = [.. context.Get(Levels).Distinct().Select(name => CompileCommand.Level("--level", name))];
        var folder = context.Get(Out);
        var log = folder is null ? null : new RowLog<RankingRow>(Path.Combine(folder, "rows.jsonl"));
        var done = log?.Rows.ToDictionary(row => (row.Program, row.Level, row.Seed)) ?? [];
        var wanted = (from entry in entries from level in levels from seed in Enumerable.Range(context.Seed, context.Get(Seeds)) select (entry, level, seed)).ToArray();
        var missing = wanted.Where(one => !done.ContainsKey((one.entry.Id, one.level.ToString(), one.seed))).ToArray();

        void Done(RankingRow row)
        {
            done[(row.Program, row.Level, row.Seed)] = row;
            log?.Add(row);
            CommandContext.Say($"{row.Program} {row.Level} seed {row.Seed}: {row.True} of {row.Universe} edges; AUROC {string.Join(", ", row.Scores.Select(pair => $"{pair.Key} {Number(pair.Value.Auroc)}"))}; {Number(row.Seconds)} s");
        }

        if (context.Threads == 1 || missing.Length == 1)
        {
            context.UseThreads();
            foreach (var (entry, level, seed) in missing)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                Done(RankingSuite.Measure(entry, entry.Tested, level, seed, context.Cancellation));
            }
        }
        else
        {
            string[][] calls = [.. missing.Select(one => (string[])["bench", "edge-ranking", "--programs", one.entry.Id, "--level", $"{one.level}", "--seed", $"{one.seed}", "--threads", "1", "--json"])];
            var failures = ChildProcesses.Run<Output>(calls, context.Threads, output => Done(output.Rows[0]), context.Cancellation);
            if (failures.Count > 0)
                throw new InvalidOperationException($"{failures.Count} of {calls.Length} runs failed twice{(folder is null ? "" : "; the others are kept")}. The first: {failures[0]}");
        }

        RankingRow[] rows = [.. wanted.Select(one => done[(one.entry.Id, one.level.ToString(), one.seed)])];
        if (folder is not null)
            AtomicFile.Write(Path.Combine(folder, "edge-ranking.md"), $"`{context.CommandLine}`\n\n{Table(rows)}");
        context.Result(new Output("edge-ranking", rows), _ => Console.Out.Write(Table(rows)));
    }

    /// <summary>Mean AUROC (AUPRC) of every score at every level, then AUROC by program.</summary>
    private static string Table(RankingRow[] rows)
    {
        var text = new StringBuilder();
        foreach (var (title, of) in new (string, Func<RankingRow, IReadOnlyDictionary<string, RankingFigures>>)[] { ("Edges between the true subspaces", row => row.Scores), ("Edges from components to ports", row => row.Ports) })
        {
            string[] scores = [.. of(rows[0]).Keys];
            string Mean(IEnumerable<RankingRow> group, string score, Func<RankingFigures, double?> figure) =>
                Number(group.Select(row => figure(of(row)[score])).OfType<double>().ToArray() is { Length: > 0 } values ? values.Average() : null);
            string Exact(IEnumerable<RankingRow> group, string score) => $"{group.Count(row => of(row)[score].Auroc >= 1 - 1e-9)}";
            text.Append(CultureInfo.InvariantCulture, $"{title}: mean AUROC (AUPRC) over models; in how many models it is 1. Effects of single edges are left out where there are more than 3,000.\n\n| level | models | {string.Join(" | ", scores)} |\n|---|---|{string.Concat(Enumerable.Repeat("---|", scores.Length))}\n");
            foreach (var level in rows.GroupBy(row => row.Level).OrderBy(level => level.Key, StringComparer.Ordinal))
                text.Append(CultureInfo.InvariantCulture, $"| {level.Key} | {level.Count()} | {string.Join(" | ", scores.Select(score => $"{Mean(level, score, figures => figures.Auroc)} ({Mean(level, score, figures => figures.Auprc)}); {Exact(level, score)}"))} |\n");
            text.Append(CultureInfo.InvariantCulture, $"\n| program | level | {string.Join(" | ", scores)} |\n|---|---|{string.Concat(Enumerable.Repeat("---|", scores.Length))}\n");
            foreach (var group in rows.GroupBy(row => (row.Program, row.Level)))
                text.Append(CultureInfo.InvariantCulture, $"| {group.Key.Program} | {group.Key.Level} | {string.Join(" | ", scores.Select(score => Mean(group, score, figures => figures.Auroc)))} |\n");
            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Number(double? value) => value?.ToString("0.###", CultureInfo.InvariantCulture) ?? "-";
}
