using System.CommandLine;

namespace SubspaceCircuits.Cli;

/// <summary>Exit statuses.</summary>
internal static class ExitStatus
{
    public const int Done = 0, Failed = 1, Usage = 2;
}

/// <summary>Options that every command has.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json { get; } = new("--json") { Description = "Print one JSON document on stdout and nothing else there.", Recursive = true };

    public static Option<int> Seed { get; } = new("--seed") { Description = "Seed of everything random.", DefaultValueFactory = _ => 0, Recursive = true };

    public static Option<int?> Threads { get; } = new("--threads") { Description = "Threads to compute with; all cores when not given.", Recursive = true };

    public static Option<string> Device { get; } = new("--device") { Description = "cpu or cuda (runs the model there; subspaces are sought on the CPU).", DefaultValueFactory = _ => "cpu", Recursive = true };

    public static Option<bool> Verbose { get; } = new("--verbose") { Description = "Show the trace of an error.", Recursive = true };

    public static IEnumerable<Option> All => [Json, Seed, Threads, Device, Verbose];

    static CommonOptions() => Device.AcceptOnlyFromAmong("cpu", "cuda");
}
