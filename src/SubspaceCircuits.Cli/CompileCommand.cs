using System.CommandLine;
using Spectre.Console;
using SubspaceCircuits.KnownCircuits.Catalogue;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.KnownCircuits.Tasks;
using SubspaceCircuits.KnownCircuits.Twin;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli;

/// <summary><c>compile PROGRAM</c>: a transformer whose circuit is known.</summary>
internal static class CompileCommand
{
    private const string Twin = "copy_twin";

    private static readonly Argument<string?> Name = new("PROGRAM") { Description = "Name of a program; --list shows them.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> List = new("--list") { Description = "List the programs." };
    private static readonly Option<string> Size = new("--size") { Description = "tiny: as proven on all sequences; small: 26 tokens and 16 positions where that fits.", DefaultValueFactory = _ => "small" };
    private static readonly Option<string> Disguise = new("--disguise") { DefaultValueFactory = _ => "D0", Description = "D0: a coordinate for each value; D1: rotated, gauged, permuted; D2: and distractors, redundant heads; D3: and superposition, soft attention; D4: and noise." };
    private static readonly Option<double?> Beta = new("--beta") { Description = "Score of a selected key above another, logits; 100 at D0 to D2, 12 above, when not given." };
    private static readonly Option<string?> Out = new("--out") { Description = "Folder of the model; runs/PROGRAM-LEVEL when not given." };
    private static readonly Option<string?> Truth = new("--truth") { Description = "Folder of the truth; that of the model with -truth when not given." };

    /// <summary>A level of disguise by name. Options hold text, since a type of the library would load libtorch for <c>--help</c>.</summary>
    internal static DisguiseLevel Level(string option, string name) => Enum.GetNames<DisguiseLevel>().Contains(name) ? Enum.Parse<DisguiseLevel>(name)
        : throw new ArgumentException($"{option} should be one of {string.Join(", ", Enum.GetNames<DisguiseLevel>())}, but is '{name}'.");

    private sealed record Entry(string Name, string Description, string? InterpBench, bool IsCausal, ProgramSize Tiny, ProgramSize Small);

    private sealed record Listing(IReadOnlyList<Entry> Programs);

    public static Command Create()
    {
        var command = new Command("compile", "Make a transformer whose circuit is known: an ordinary model folder, and its truth in another.") { Name, List, Size, Disguise, Beta, Out, Truth };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        if (context.Get(List))
        {
            ShowList(context);
            return;
        }

        var name = context.Get(Name) ?? throw new ArgumentException("Name a program, or pass --list to see them.");
        context.UseThreads();
        var (level, seed) = (Level("--disguise", context.Get(Disguise)), context.Seed);
        var folder = context.Get(Out) ?? $"runs/{name}-{level}";
        var made = name == Twin ? MakeTwin(context, level, folder) : Make(context, ProgramCatalogue.Find(name), level, folder);
        context.Result(made, console =>
        {
            console.WriteLine($"{made.Model}  ({made.NLayers} layers, {made.NHeads} heads of {made.DHead}, d_model {made.DModel}{(made.DMlp is { } neurons ? $", {neurons} neurons" : ", attention only")}; {level}, seed {seed})");
            console.WriteLine($"{made.Truth}");
            console.WriteLine($"against the program on {made.Sequences} sequences, single precision: {made.WrongOutputs} wrong outputs, greatest error of a variable {made.BlockError:g2}");
        });
    }

    private static MadeModel Make(CommandContext context, CatalogueEntry entry, DisguiseLevel level, string folder)
    {
        var size = context.Get(Size) switch
        {
            "tiny" => entry.Tested,
            "small" => entry.Ship,
            var other => throw new ArgumentException($"--size should be tiny or small, but is '{other}'."),
        };
        return KnownModelMaker.Make(entry.Build(size), folder, level, context.Seed, AllTasks.Find(AllTasks.NameOf(entry, size)), context.Get(Truth), context.Get(Beta));
    }

    private static MadeModel MakeTwin(CommandContext context, DisguiseLevel level, string folder)
    {
        var options = new CopyTwinOptions();
        options = options with { TokenBeta = context.Get(Beta) ?? options.TokenBeta };
        return KnownModelMaker.Make(CopyTwin.Program, () => CopyTwin.Build(options), options.TokenBeta, folder, level, context.Seed, CopyTwin.Task, context.Get(Truth));
    }

    private static void ShowList(CommandContext context)
    {
        Entry[] entries = [.. ProgramCatalogue.All.Select(entry => new Entry(entry.Id, entry.Description, entry.InterpBench, entry.Build(entry.Tested).IsCausal, entry.Tested, entry.Ship)),
            new Entry(Twin, "the copy transformer of the research log, its circuit by construction: 2 layers, 8 heads, d_model 64", null, true, new(26, 31), new(26, 31))];
        context.Result(new Listing(entries), console =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("program", "computes", "attention", "tiny", "small", "InterpBench");
            foreach (var entry in entries)
                table.AddRow(Markup.Escape(entry.Name), Markup.Escape(entry.Description), entry.IsCausal ? "causal" : "both ways", Text(entry.Tiny), Text(entry.Small), entry.InterpBench ?? "");
            console.Write(table);
            console.WriteLine("Sizes: tokens x longest sequence.");
        });
    }

    private static string Text(ProgramSize size) => $"{size.Vocabulary} x {size.MaxLength}";
}
