using System.CommandLine;
using SubspaceCircuits.Models;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Cli;

/// <summary>Options that decide what an analysis finds; all are frozen in <c>run.json</c>.</summary>
internal static class AnalysisOptions
{
    public static Option<string?> Task { get; } = new("--task") { Description = "Task; told by the folder's name or task.json when not given." };

    public static Option<string?> Out { get; } = new("--out") { Description = "Run folder; runs/NAME when not given." };

    public static Option<string> Strategy { get; } = OneOf("--strategy", "discover (finds the number of subspaces), blocks (it is told) or merge (the published method).", "discover", "blocks", "merge");

    public static Option<int> StopAt { get; } = new("--stop-at") { Description = "Number of subspaces at every site (blocks, merge); 0 lets merging decide.", DefaultValueFactory = _ => 0 };

    public static Option<int> Replicates { get; } = new("--replicates") { Description = "Repetitions on half of the activations, for the stability of each subspace (discover).", DefaultValueFactory = _ => 4 };

    public static Option<int> Steps { get; } = new("--steps") { Description = "Steps of one partition training (blocks, merge).", DefaultValueFactory = _ => 1500 };

    public static Option<int> Starts { get; } = new("--starts") { Description = "Random starts of which the best is kept (blocks).", DefaultValueFactory = _ => 4 };

    public static Option<string> Search { get; } = OneOf("--search", "exact, or lookahead: candidates for many steps at once, much faster from 16 dimensions a subspace on.", "exact", "lookahead");

    public static Option<string> Update { get; } = OneOf("--update", "exact (matrix exponential, as published) or fast (a retraction at every step).", "exact", "fast");

    public static Option<int> Activations { get; } = new("--activations-per-site") { Description = "Activations of each site.", DefaultValueFactory = _ => 32_768 };

    public static Option<bool> SupervisedOnly { get; } = new("--supervised-only") { Description = "Use activations of supervised positions only (masks a first repetition)." };

    public static Option<int> Memory { get; } = new("--memory") { Description = "Most memory for stored activations, MiB.", DefaultValueFactory = _ => 1024 };

    public static Option<string?> Lengths { get; } = new("--lengths") { Description = "Lengths of the sequences for activations and validation, such as 1-50." };

    public static Option<double> Coverage { get; } = new("--coverage") { Description = "Share of the incoming variance that the kept edges cover at every target.", DefaultValueFactory = _ => 0.9 };

    public static Option<int> Samples { get; } = new("--samples") { Description = "Sequences of each accuracy range.", DefaultValueFactory = _ => 1000 };

    public static void AddTo(Command command)
    {
        foreach (var option in new Option[] { Task, Out, Strategy, StopAt, Replicates, Steps, Starts, Search, Update, Activations, SupervisedOnly, Memory, Lengths, Coverage, Samples })
            command.Options.Add(option);
    }

    /// <summary>The settings that were asked for, checked against the model they are for.</summary>
    public static AnalysisSettings Settings(CommandContext context, ITask task, ModelConfig config)
    {
        var settings = AnalysisSettings.For(task);
        settings = Strategies(context, settings) with
        {
            EvaluationSamples = context.Get(Samples),
            Lengths = context.Get(Lengths) is { } text ? EvalCommand.ParseRanges(text)[0] : settings.Lengths,
            Activations = context.Get(Activations),
            SupervisedOnly = context.Get(SupervisedOnly),
            MemoryMib = context.Get(Memory),
            Coverage = context.Get(Coverage),
        };
        settings.Validate();
        if (!settings.IsDiscovered)
            settings.PartitionStrategy().Training.InitialSizes(config.DModel);
        return settings;
    }

    /// <summary>The settings with the strategy that was asked for.</summary>
    public static AnalysisSettings Strategies(CommandContext context, AnalysisSettings settings) => settings with
    {
        Seed = context.Seed,
        Strategy = context.Get(Strategy),
        StopAt = context.Get(StopAt),
        Replicates = context.Get(Replicates),
        Steps = context.Get(Steps),
        Starts = context.Get(Starts),
        Search = context.Get(Search),
        Update = context.Get(Update),
    };

    /// <summary>An option that takes one of these values; the first when it is not given.</summary>
    private static Option<string> OneOf(string name, string description, params string[] values)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => values[0] };
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
