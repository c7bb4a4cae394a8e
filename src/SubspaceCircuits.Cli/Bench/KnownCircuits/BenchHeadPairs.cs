using System.CommandLine;
using System.Globalization;
using System.Text;
using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Heads;
using SubspaceCircuits.Circuits.Nulls;
using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Compiling;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Subspaces;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench.KnownCircuits;

/// <summary>One known circuit with a pair of heads that was made.</summary>
/// <param name="Program">Its program.</param>
/// <param name="Level">How it is disguised beside.</param>
/// <param name="Seed">Seed of the disguises.</param>
/// <param name="Made">cancelling, shared or split.</param>
/// <param name="Subspaces">true, or random of the same sizes.</param>
/// <param name="IsNamed">Whether the pair is named as what it is.</param>
/// <param name="WronglyNamed">Other pairs that are named as cancelling, redundant, same up to weights, or one head in two.</param>
/// <param name="OtherPairs">Other pairs.</param>
internal sealed record HeadPairRow(string Program, string Level, int Seed, string Made, string Subspaces, bool IsNamed, int WronglyNamed, int OtherPairs);

/// <summary><c>bench head-pairs</c>.</summary>
internal static class BenchHeadPairs
{
    private static readonly Option<string[]> Levels = new("--level") { Description = "Levels of disguise, D0 to D3.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["D0", "D1", "D2"] };
    private static readonly Option<int> Seeds = new("--seeds") { Description = "Seeds of the disguises, from --seed on.", DefaultValueFactory = _ => 2 };
    private static readonly Option<string?> Out = new("--out") { Description = "Folder: head-pairs.md." };

    private static readonly HeadPairVerdict[] Cancelling = [HeadPairVerdict.Cancelling], SameWork = [HeadPairVerdict.Redundant, HeadPairVerdict.SameUpToWeights, HeadPairVerdict.Divided];

    private sealed record Output(string Suite, IReadOnlyList<HeadPairRow> Rows);

    public static Command Create()
    {
        var command = new Command("head-pairs", "Name pairs of heads that were made to cancel, to share, or to split the work of one, from weights.") { Levels, Seeds, Out };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        if (context.Get(Seeds) < 1)
            throw new ArgumentException($"--seeds should be at least 1, but is {context.Get(Seeds)}.");
        DisguiseLevel[] levels = [.. context.Get(Levels).Distinct().Select(name => CompileCommand.Level("--level", name))];
        context.UseThreads();
        List<HeadPairRow> rows = [];
        foreach (var entry in ProgramCatalogue.All)
        {
            foreach (var level in levels)
            {
                for (var seed = context.Seed; seed < context.Seed + context.Get(Seeds); seed++)
                {
                    context.Cancellation.ThrowIfCancellationRequested();
                    foreach (var (made, disguise) in new (string, IDisguise)[] { ("cancelling", new CancelHeads()), ("shared", new ShareHeads()), ("split", new SplitHeads()) })
                        rows.AddRange(Measure(entry, level, seed, made, disguise));
                }
            }

            CommandContext.Say($"{entry.Id}: {rows.Count(row => row.Program == entry.Id && row.Subspaces == "true" && row.IsNamed)} of {rows.Count(row => row.Program == entry.Id && row.Subspaces == "true")} named");
        }

        var table = Table(rows);
        if (context.Get(Out) is { } folder)
            AtomicFile.Write(Path.Combine(Directory.CreateDirectory(folder).FullName, "head-pairs.md"), $"`{context.CommandLine}`\n\n{table}");
        context.Result(new Output("head-pairs", rows), _ => Console.Out.Write(table));
    }

    /// <summary>With the true subspaces and with random ones; nothing for a program without heads.</summary>
    private static IEnumerable<HeadPairRow> Measure(CatalogueEntry entry, DisguiseLevel level, int seed, string made, IDisguise disguise)
    {
        using var scope = NewDisposeScope();
        var parts = Composition.Apply(Compiler.Compile(entry.Build(entry.Tested), DisguiseLevels.CompilerOptions(level)), [disguise], seed).Parts;
        if (parts.Layers.SelectMany(layer => layer.Heads).Select(head => head.Role.RedundancyGroup).OfType<string>().Distinct().SingleOrDefault() is not { } group)
            yield break;
        using var known = DisguiseLevels.Apply(parts, level, seed).Parts.Assemble($"{entry.Id}-{level}-seed{seed}");
        using var subspaces = new KnownSubspaces(known);
        using var generator = new Generator((ulong)seed);
        Partition[] random = [.. subspaces.Partitions.Select(site => RandomPartitions.Draw(site, keepsMeanDirection: false, generator))];
        foreach (var (name, partitions) in new (string, IReadOnlyList<Partition>)[] { ("true", subspaces.Partitions), ("random", random) })
        {
            var groups = known.Heads.Where(head => head.Role.RedundancyGroup is not null).ToDictionary(head => Circuit.HeadId(head.Layer, head.Head), head => head.Role.RedundancyGroup!);
            bool IsGroup(HeadPair pair) => groups.TryGetValue(pair.First, out var own) && groups.GetValueOrDefault(pair.Second) == own;
            HeadPair[] pairs = [.. HeadsOfLayer.All(new PartitionedModel(known.Weights, partitions)).SelectMany(layer => layer.Pairs)];
            var pair = pairs.Single(pair => IsGroup(pair) && groups[pair.First] == group);
            HeadPair[] others = [.. pairs.Where(other => !IsGroup(other))];
            yield return new HeadPairRow(entry.Id, level.ToString(), seed, made, name, (made == "cancelling" ? Cancelling : SameWork).Contains(pair.Verdict),
                others.Count(other => Cancelling.Concat(SameWork).Contains(other.Verdict)), others.Length);
        }

        foreach (var partition in random)
            partition.Dispose();
    }

    private static string Table(List<HeadPairRow> rows)
    {
        var text = new StringBuilder("| subspaces | level | cancelling named | shared named | split named | other pairs named wrongly |\n|---|---|---|---|---|---|\n");
        foreach (var group in rows.GroupBy(row => (row.Subspaces, row.Level)).OrderByDescending(group => group.Key.Subspaces, StringComparer.Ordinal))
        {
            string Named(string made) => $"{group.Count(row => row.Made == made && row.IsNamed)} of {group.Count(row => row.Made == made)}";
            text.Append(CultureInfo.InvariantCulture, $"| {group.Key.Subspaces} | {group.Key.Level} | {Named("cancelling")} | {Named("shared")} | {Named("split")} | {group.Sum(row => row.WronglyNamed)} of {group.Sum(row => row.OtherPairs)} |\n");
        }

        string[] missed = [.. rows.Where(row => row.Subspaces == "true" && !row.IsNamed).Select(row => $"{row.Program} {row.Level} seed {row.Seed} ({row.Made})")];
        return missed.Length == 0 ? text.ToString() : text.Append(CultureInfo.InvariantCulture, $"\nNot named with the true subspaces: {string.Join(", ", missed)}.\n").ToString();
    }
}
