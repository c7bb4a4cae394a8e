using System.CommandLine;
using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Circuits;
using SubspaceCircuits.Interventions;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli;

/// <summary><c>validate RUN</c>: run the model with only the circuit's edges.</summary>
internal static class ValidateCommand
{
    private static readonly Argument<string> Folder = new("RUN") { Description = "Run folder with a circuit." };
    private static readonly Option<int> Samples = new("--samples") { Description = "Sequences.", DefaultValueFactory = _ => 500 };
    private static readonly Option<string?> Lengths = new("--lengths") { Description = "Lengths of the sequences, such as 1-150; those of the run when not given." };

    private static readonly Option<string> Ablated = new("--ablation") { Description = "What stands in the place of a removed edge: mean, zero, resample (another sequence's), optimal (a learned constant).", DefaultValueFactory = _ => "mean" };
    private static readonly Option<int> Controls = new("--controls") { Description = "Random circuits, and circuits in random subspaces, to compare with.", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> Effects = new("--effects") { Description = "Edges to ablate one by one: those of the circuit first, then others at random.", DefaultValueFactory = _ => 500 };
    private static readonly Option<int> EffectSamples = new("--effect-samples") { Description = "Sequences to do so on.", DefaultValueFactory = _ => 64 };
    private static readonly Option<int> NormSteps = new("--norm-steps") { Description = "Steps in which constants in the place of norms are learned, for their best price; 0 for none.", DefaultValueFactory = _ => 0 };
    private static readonly Option<string[]> Others = new("--other") { Description = "Run of another task whose circuit has the same candidate edges, as a further control; may be given several times.", DefaultValueFactory = _ => [] };

    public static Command Create()
    {
        var command = new Command("validate", "Run the model with only the circuit's edges and compare.") { Folder, Samples, Lengths, Ablated, Controls, Effects, EffectSamples, NormSteps, Others };
        Ablated.AcceptOnlyFromAmong("mean", "zero", "resample", "optimal");
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        var run = RunFolder.Open(context.Get(Folder));
        using var model = context.ReadModel(run.Manifest.Model.Path);
        run.RequireModel(model);
        var lengths = context.Get(Lengths) is { } text ? EvalCommand.ParseRanges(text)[0] : run.Manifest.Settings.Lengths;
        ValidationSettings settings = new()
        {
            Samples = context.Get(Samples),
            From = lengths.From,
            To = lengths.To,
            Ablation = Enum.Parse<Ablation>(context.Get(Ablated), ignoreCase: true),
            Controls = context.Get(Controls),
            MaxEffects = context.Get(Effects),
            EffectSamples = context.Get(EffectSamples),
            NormSteps = context.Get(NormSteps),
            Seed = context.Seed + 1,
        };
        settings.Validate();
        string[] folders = [.. context.Get(Others).Distinct()];
        string Name(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        var others = folders.ToDictionary(folder => $"circuit of {(folders.Count(other => Name(other) == Name(folder)) > 1 ? folder : Name(folder))}", folder => OtherCircuit(run, folder));
        using (var progress = new ProgressDisplay())
        {
            var analysis = new Analysis(run, model, model.Weights, progress, context.Cancellation);
            analysis.ValidateAnew(settings, others);
        }

        var found = Json.Read<ValidationDocument>(run.PathOf("validation.json"));
        context.Result(found, console => AnalysisOutput.Print(console, found));
    }

    /// <summary>The choice of another run among the candidates of this one.</summary>
    private static Circuit OtherCircuit(RunFolder run, string folder)
    {
        var other = RunFolder.Open(folder).PathOf("circuit.json");
        var (own, _) = CircuitFiles.Read(run.PathOf("circuit.json"));
        var edges = CircuitFiles.Read(other).Circuit.Edges.ToDictionary(edge => edge.Place, edge => edge.IsKept);
        return own.Edges.Count == edges.Count && own.Edges.All(edge => edges.ContainsKey(edge.Place)) ? own.Keep(edge => edges[edge.Place])
            : throw new CheckpointException(other, $"expected the {own.Edges.Count} candidate edges of {run.Root}: the same sites with as many subspaces each");
    }
}
