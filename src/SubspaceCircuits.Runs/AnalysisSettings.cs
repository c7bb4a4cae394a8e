using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SubspaceCircuits.Activations;
using SubspaceCircuits.Interventions;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Discovery;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Runs;

/// <summary>A range of lengths.</summary>
/// <param name="From">Shortest.</param>
/// <param name="To">Longest.</param>
public sealed record LengthRange(int From, int To);

/// <summary>Everything that decides what an analysis finds; frozen in <c>run.json</c>.</summary>
public sealed record AnalysisSettings
{
    /// <summary>Name of the task.</summary>
    public required string Task { get; init; }

    /// <summary>Seed of everything random. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>Ranges of lengths whose accuracy is measured.</summary>
    public required IReadOnlyList<LengthRange> EvaluationRanges { get; init; }

    /// <summary>Sequences of each range. Default 1,000.</summary>
    public int EvaluationSamples { get; init; } = 1000;

    /// <summary>Lengths of the sequences that activations and validation use.</summary>
    public required LengthRange Lengths { get; init; }

    /// <summary>Activations of each site. Default 32,768.</summary>
    public int Activations { get; init; } = 32_768;

    /// <summary>Whether only supervised positions are used, which leaves out a first repetition. Default false.</summary>
    public bool SupervisedOnly { get; init; }

    /// <summary>Most memory for stored activations, MiB. Default 1,024.</summary>
    public int MemoryMib { get; init; } = 1024;

    /// <summary><c>discover</c> (default), <c>blocks</c> or <c>merge</c>.</summary>
    public string Strategy { get; init; } = Subspaces.PartitionStrategy.Discover;

    /// <summary>Number of subspaces that is told: the blocks strategy makes so many, merging stops there. Default 0: it is not told.</summary>
    public int StopAt { get; init; }

    /// <summary>How often discovery is repeated on half of the activations, for the stability of each subspace. Default 4.</summary>
    public int Replicates { get; init; } = 4;

    /// <summary>Steps of one training. Default 1,500.</summary>
    public int Steps { get; init; } = 1500;

    /// <summary>Trainings from random rotations (blocks strategy). Default 4.</summary>
    public int Starts { get; init; } = 4;

    /// <summary>How neighbours are sought: <c>exact</c> (default) or <c>lookahead</c>.</summary>
    public string Search { get; init; } = "exact";

    /// <summary>How the rotation moves: <c>exact</c> (default) or <c>fast</c>.</summary>
    public string Update { get; init; } = "exact";

    /// <summary>Share of incoming variance that the circuit's edges cover at every target. Default 0.9.</summary>
    public double Coverage { get; init; } = 0.9;

    /// <summary>Sequences of the validation. Default 500.</summary>
    public int ValidationSamples { get; init; } = 500;

    /// <summary>Settings for a task whose lengths are not given: those of its published models, within what the task can make.</summary>
    public static AnalysisSettings For(ITask task)
    {
        var (min, max) = task.Lengths;
        LengthRange[] published = [new(0, 50), new(51, 100), new(101, 150)];
        return new AnalysisSettings
        {
            Task = task.Name,
            EvaluationRanges = max > published[^1].From ? published : [new LengthRange(min, max)],
            Lengths = new LengthRange(min, Math.Min(max, 50)),
        };
    }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        if (Seed < 0 || StopAt < 0 || Steps < 1 || Starts < 1 || EvaluationSamples < 1 || ValidationSamples < 1)
            throw new ArgumentException($"Steps ({Steps}), starts ({Starts}) and samples ({EvaluationSamples}) should be at least 1, the seed ({Seed}) and --stop-at ({StopAt}) at least 0.");
        if (IsDiscovered && StopAt > 0)
            throw new ArgumentException($"The discover strategy finds the number of subspaces. To tell it, as --stop-at {StopAt} does, choose --strategy blocks or --strategy merge.");
        if (!(Coverage > 0 && Coverage <= 1))
            throw new ArgumentException($"--coverage should lie above 0 and be at most 1, but is {Coverage}.");
        Collection().Validate();
        if (IsDiscovered)
            Discovery().Validate();
        else
            PartitionStrategy().Training.Validate();
    }

    /// <summary>The settings that are not the same, as <c>steps 1500, not 20</c>: this one's value first.</summary>
    public IEnumerable<string> DifferencesFrom(AnalysisSettings other)
    {
        var others = JsonSerializer.SerializeToNode(other, Json.Compact)!;
        return JsonSerializer.SerializeToNode(this, Json.Compact)!.AsObject().Where(field => !JsonNode.DeepEquals(field.Value, others[field.Key]))
            .Select(field => $"{field.Key} {field.Value?.ToJsonString()}, not {others[field.Key]?.ToJsonString()}");
    }

    /// <summary>What to collect.</summary>
    public CollectionSettings Collection() => new() { Rows = Activations, From = Lengths.From, To = Lengths.To, MemoryMiB = MemoryMib, IsSupervisedOnly = SupervisedOnly, Seed = Seed };

    /// <summary>What to validate on: other samples than those of the activations.</summary>
    public ValidationSettings Validation() => new() { Samples = ValidationSamples, From = Lengths.From, To = Lengths.To, Seed = Seed + 1 };

    /// <summary>Whether the number of subspaces is found, by <see cref="Discovery"/>; else <see cref="PartitionStrategy"/> says how partitions are sought.</summary>
    [JsonIgnore]
    public bool IsDiscovered => Strategy == Subspaces.PartitionStrategy.Discover;

    /// <summary>How subspaces and their number are found.</summary>
    public DiscoverySettings Discovery() => new() { Seed = Seed, Replicates = Replicates };

    /// <summary>How partitions are sought by training.</summary>
    /// <exception cref="ArgumentException">There is no such strategy, or it needs a number of subspaces.</exception>
    public PartitionStrategy PartitionStrategy()
    {
        var strategy = Found();
        return strategy with { Training = strategy.Training with { Search = Named<SearchMode>(nameof(Search), Search), Update = Named<UpdateMode>(nameof(Update), Update) } };
    }

    private static T Named<T>(string setting, string name)
        where T : struct, Enum =>
        Enum.GetValues<T>().Where(value => value.ToString().Equals(name, StringComparison.OrdinalIgnoreCase)).Select(value => (T?)value).FirstOrDefault()
            ?? throw new ArgumentException($"--{setting.ToLowerInvariant()} should be one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}, but is '{name}'.");

    private PartitionStrategy Found() => Strategy switch
    {
        "blocks" when StopAt > 0 => Subspaces.PartitionStrategy.Blocks(StopAt, Seed, Steps, Starts),
        "blocks" => throw new ArgumentException("The blocks strategy must be told the number of subspaces: pass --stop-at N, or --strategy merge."),
        "merge" => MergeStrategy(),
        _ => throw new ArgumentException($"There is no strategy '{Strategy}'. Known: discover, blocks, merge."),
    };

    /// <summary>The published method at toy scale: 8-dimensional units, one block of keys, merges in the second half of the steps.</summary>
    private PartitionStrategy MergeStrategy() => Subspaces.PartitionStrategy.Merge(StopAt, Seed, new PartitionSettings
    {
        UnitSize = 8,
        BlockLength = Math.Min(4096, Activations / 2),
        SearchBlocks = 1,
        InformationBatches = 10,
        InformationBlocks = 1,
        MaxSteps = Steps,
        MergeStart = Math.Max(1, Steps / 2),
        MergeInterval = Math.Max(1, Steps / 16),
    });
}
