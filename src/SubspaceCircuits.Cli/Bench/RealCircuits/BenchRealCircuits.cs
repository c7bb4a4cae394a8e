using System.CommandLine;
using SubspaceCircuits.Interventions;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli.Bench.RealCircuits;

/// <summary><c>bench real-circuits --models DIR</c>.</summary>
internal static class BenchRealCircuits
{
    private const string Suite = "real-circuits";
    private static readonly Option<string> Models = new("--models") { Description = "Folder of model folders, or one model folder.", Required = true };
    private static readonly Option<string?> Runs = new("--runs") { Description = "Folder of runs of analyze, named as the models: circuits between their subspaces, greedily; between components when not given." };
    private static readonly Option<string[]> Only = new("--only") { Description = "Names of the models, or parts of names; all when not given.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<double[]> Goals = new("--goals") { Description = "Least match accuracy, a circuit for each.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.9, .99] };
    private static readonly Option<string[]> Norms = new("--norm") { Description = "recomputed: LayerNorm as it is; constant: one constant for each reader.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["recomputed", "constant"] };
    private static readonly Option<string> Ablated = new("--ablation") { Description = "What stands in the place of a removed edge: mean, zero, resample or optimal.", DefaultValueFactory = _ => "optimal" };
    private static readonly Option<string> Method = new("--method") { Description = "greedy: removals from the whole model; learned: gates by gradient descent, then removals; both: learned where greedy does not reach the goal.", DefaultValueFactory = _ => "both" };
    private static readonly Option<int> From = new("--from") { Description = "Shortest problem.", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> To = new("--to") { Description = "Longest problem; circuits are confirmed up to 150 in any case.", DefaultValueFactory = _ => 150 };
    private static readonly Option<int> Samples = new("--samples") { Description = "Sequences on which edges are chosen.", DefaultValueFactory = _ => 200 };
    private static readonly Option<int> RefitSteps = new("--refit-steps") { Description = "Steps of gradient descent on constants before a removal is given up; small models take up to three times as many.", DefaultValueFactory = _ => 240 };
    private static readonly Option<string[]> Given = new("--circuit") { Description = "Edges of a circuit, such as pos->a0.0.q: it is not sought, only its constants are fitted.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string?> Out = new("--out") { Description = "Folder: real-circuits.parquet and .md, and rows.jsonl, from which the same command goes on." };

    private sealed record Output(string Suite, IReadOnlyList<RealCircuitRow> Rows);

    public static Command Create()
    {
        var command = new Command(Suite, "Find the smallest circuits of trained models, between components or between subspaces.") { Models, Runs, Only, Goals, Norms, Ablated, Method, From, To, Samples, RefitSteps, Given, Out };
        Norms.AcceptOnlyFromAmong("recomputed", "constant");
        Ablated.AcceptOnlyFromAmong("mean", "zero", "resample", "optimal");
        Method.AcceptOnlyFromAmong("both", "greedy", "learned");
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        string[] folders = [.. Folders(context.Get(Models)).Where(folder => context.Get(Only) is not { Length: > 0 } names || names.Any(name => Path.GetFileName(folder).Contains(name, StringComparison.Ordinal)))];
        if (folders.Length == 0)
            throw new ArgumentException($"{context.Get(Models)}: expected model folders{(context.Get(Only) is { Length: > 0 } ? " of these names" : "")}, but found none.");
        double[] goals = [.. context.Get(Goals).Distinct().OrderDescending()];
        if (goals.Length == 0 || goals.Any(goal => !(goal > 0 && goal <= 1)))
            throw new ArgumentException($"--goals should lie above 0 and be at most 1, at least one of them, but are: {string.Join(", ", goals)}.");
        string[] norms = context.Get(Runs) is null ? [.. context.Get(Norms).Distinct()] : ["recomputed"];
        var (level, method) = context.Get(Runs) is null ? ("component", context.Get(Method)) : ("subspace", "greedy");
        if (context.Get(Runs) is { } runs)
            folders = [.. folders.Where(model => Directory.Exists(Path.Combine(runs, Path.GetFileName(model), "partitions")))];
        var folder = context.Get(Out);
        var log = folder is null ? null : new RowLog<RealCircuitRow>(Path.Combine(folder, "rows.jsonl"));
        List<RealCircuitRow> rows = [.. log?.Rows ?? []];
        void Done(RealCircuitRow row)
        {
            rows.Add(row);
            log?.Add(row);
            CommandContext.Say(RealCircuitReport.Line(row));
        }

        (string Folder, string Norm, double[] Goals)[] missing = [.. from model in folders from norm in norms select (model, norm, goals.Where(goal => !IsDone(model, norm, goal)).ToArray())];
        missing = [.. missing.Where(one => one.Goals.Length > 0)];
        if (context.Threads == 1 || missing.Length == 1)
        {
            foreach (var (path, norm, wanted) in missing)
            {
                using var model = context.ReadModel(path);
                var task = CommandContext.TaskOf(model, null);
                if (context.Get(Runs) is { } root)
                {
                    var partitions = PartitionFiles.ReadAll(Path.Combine(root, model.Name, "partitions"));
                    foreach (var row in SubspaceSuite.Measure(model.Name, model.Weights, partitions, task, Search(context, norm), wanted, context.Cancellation))
                        Done(row);
                    foreach (var partition in partitions)
                        partition.Dispose();
                    continue;
                }

                foreach (var row in ComponentSuite.Measure(model.Name, context.OnDevice(model.Weights), task, Search(context, norm), wanted, null, context.Cancellation))
                    Done(row);
            }
        }
        else
        {
            // Torch must not be used by several threads of one process, and models are small: a process for each core.
            string[][] calls = [.. missing.Select(one => (string[])["bench", Suite, "--models", one.Folder, "--norm", one.Norm, "--goals", .. one.Goals.Select(goal => goal.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                "--ablation", context.Get(Ablated), "--method", context.Get(Method), "--from", $"{context.Get(From)}", "--to", $"{context.Get(To)}", "--samples", $"{context.Get(Samples)}", "--refit-steps", $"{context.Get(RefitSteps)}", "--seed", $"{context.Seed}", "--threads", "1", "--json", .. context.Get(Runs) is { } of ? (string[])["--runs", of] : [], .. context.Get(Given) is { Length: > 0 } given ? (string[])["--circuit", .. given] : []])];
            var failures = ChildProcesses.Run<Output>(calls, context.Threads, output =>
            {
                foreach (var row in output.Rows)
                    Done(row);
            }, context.Cancellation);
            if (failures.Count > 0)
                throw new InvalidOperationException($"{failures.Count} of {calls.Length} runs failed twice{(folder is null ? "" : "; the others are kept")}. The first: {failures[0]}");
        }

        RealCircuitRow[] sorted = [.. rows.OrderBy(row => row.Model, StringComparer.Ordinal).ThenBy(row => row.Level, StringComparer.Ordinal).ThenBy(row => row.Norm, StringComparer.Ordinal).ThenBy(row => row.Goal)];
        if (folder is not null)
        {
            RealCircuitReport.WriteParquet(Path.Combine(folder, $"{Suite}.parquet"), sorted);
            AtomicFile.Write(Path.Combine(folder, $"{Suite}.md"), $"`{context.CommandLine}`\n\n{RealCircuitReport.Table(sorted)}");
        }

        context.Result(new Output(Suite, sorted), _ => Console.Out.Write(RealCircuitReport.Table(sorted)));

        bool IsDone(string model, string norm, double goal) => rows.Any(row => (row.Model, row.Level, row.Norm, row.Ablation, row.Method, row.Goal, row.Seed, row.Search) ==
            (Path.GetFileName(model), level, norm, context.Get(Ablated), method, goal, context.Seed, Search(context, norm).Name));
    }

    private static ComponentSearch Search(CommandContext context, string norm) => new(Enum.Parse<ComponentNorm>(norm, ignoreCase: true), Enum.Parse<Ablation>(context.Get(Ablated), ignoreCase: true), context.Get(Method),
        context.Get(From), context.Get(To), context.Get(Samples), context.Get(RefitSteps), context.Seed)
    { Given = context.Get(Given) ?? [] };

    private static string[] Folders(string root)
    {
        if (!Directory.Exists(root))
            throw new DirectoryNotFoundException($"{root}: expected a folder of model folders, but there is none.");
        bool IsModel(string folder) => File.Exists(Path.Combine(folder, "model.safetensors")) || File.Exists(Path.Combine(folder, "weights.pt"));
        return IsModel(root) ? [Path.TrimEndingDirectorySeparator(Path.GetFullPath(root))] : [.. Directory.EnumerateDirectories(root).Where(IsModel).Order(StringComparer.Ordinal)];
    }
}
