using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;
using SubspaceCircuits.Cli.Bench.PartitionSpeed;
using SubspaceCircuits.Models;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Subspaces;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench;

/// <summary><c>bench copy-transformer FOLDER</c>: the published run on the copy transformer, done again, and both rotations evaluated on the same activations.</summary>
internal static class BenchCopyTransformer
{
    private const int Block = 16_384, Blocks = 25, Batch = 128, EvaluationBatches = 100;

    private static readonly Argument<string> Folder = new("FOLDER") { Description = "Folder with copy_transformer.pt and partitions/copy_transformer." };
    private static readonly Option<int> Steps = new("--steps") { Description = "Steps of training.", DefaultValueFactory = _ => 10_000 };
    private static readonly Option<string[]> Sites = new("--sites") { Description = "Sites.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["x0.post", "x1.post"] };

    /// <summary>One site.</summary>
    /// <param name="Site">The site.</param>
    /// <param name="Steps">Steps of training.</param>
    /// <param name="Published">Mean neighbour distance in each subspace of the published rotation.</param>
    /// <param name="Identity">Of the identity.</param>
    /// <param name="Ours">Of ours.</param>
    /// <param name="Seconds">Wall time of the training.</param>
    /// <param name="Search">How the search went.</param>
    private sealed record Row(string Site, int Steps, double[] Published, double[] Identity, double[] Ours, double Seconds, Subspaces.Search.SearchStatistics Search);

    private sealed record Output(string Suite, int Threads, IReadOnlyList<Row> Rows);

    public static Command Create()
    {
        var command = new Command("copy-transformer", "The published partitions of the copy transformer against ours, trained with the same settings.") { Folder, Steps, Sites, AnalysisOptions.Search, AnalysisOptions.Update };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        context.UseThreads();
        var folder = context.Get(Folder);
        using var model = ModelFolder.Read(Path.Combine(folder, "copy_transformer.pt"));
        List<Row> rows = [];
        foreach (var name in context.Get(Sites))
        {
            using var scope = NewDisposeScope();
            var site = Site.Parse(name);
            CommandContext.Say($"{site}: activations");
            var (published, sizes) = PublishedPartition.Read(Path.Combine(folder, "partitions", "copy_transformer", $"R-custom-{site}.pt"));
            var settings = new PartitionSettings
            {
                UnitSize = 32,
                MaxSteps = context.Get(Steps),
                MergeStart = int.MaxValue,
                Search = Enum.Parse<SearchMode>(context.Get(AnalysisOptions.Search), ignoreCase: true),
                Update = Enum.Parse<UpdateMode>(context.Get(AnalysisOptions.Update), ignoreCase: true),
                Threads = context.Threads,
                Seed = context.Seed,
            };
            var needed = Blocks + 1 + settings.MaxSteps * Batch / Block;
            var data = PackedPatterns.Activations(model.Weights, site, needed * Block, context.Seed, context.Cancellation);
            using var buffer = new ActivationBuffer(new CyclicSource(data), Block, Blocks + 1);
            using var training = new PartitionTraining(buffer, eye(model.Weights.Config.DModel), settings);
            var clock = Stopwatch.StartNew();
            using (var progress = new ProgressDisplay())
                training.Run(new Shown(progress, name), context.Cancellation);
            var seconds = clock.Elapsed.TotalSeconds;

            CommandContext.Say($"{site}: {seconds:0} s; evaluation on fresh activations");
            var fresh = PackedPatterns.Activations(model.Weights, site, (Blocks + 1) * Block, context.Seed + 1_000_003, context.Cancellation);
            double[] Evaluate(Tensor rotation)
            {
                using var own = new ActivationBuffer(new CyclicSource(fresh), Block, Blocks + 1);
                return NeighborDistance.Evaluate(own, rotation, sizes, EvaluationBatches, Batch, Blocks, context.Threads, context.Cancellation);
            }

            rows.Add(new Row(name, training.StepsDone, Evaluate(published), Evaluate(eye(published.shape[0])), Evaluate(training.CurrentRotation()), seconds, training.Search));
        }

        context.Result(new Output("copy-transformer", context.Threads, rows), console =>
        {
            static string Show(double[] distances) => $"{distances.Average():0.0000} ({string.Join(", ", distances.Select(distance => $"{distance:0.0000}"))})";
            var table = new Table().Border(TableBorder.Markdown).AddColumns("site", "steps", "identity", "published", "ours", "seconds", "passes, direct", "agreement, excess");
            foreach (var row in rows)
                table.AddRow(row.Site, $"{row.Steps}", Show(row.Identity), Show(row.Published), Show(row.Ours), $"{row.Seconds:0}", $"{row.Search.Passes}, {row.Search.DirectPasses}", row.Search.Audited > 0 ? $"{row.Search.Agreement:0.00000}, {row.Search.LossExcess:0.0e0}" : "");
            console.Write(table);
        });
    }

    private sealed class Shown(ProgressDisplay display, string site) : IProgress<PartitionProgress>
    {
        public void Report(PartitionProgress value) => display.Report(new AnalysisProgress(site, value.Step, value.MaxSteps, value.ToString()));
    }
}
