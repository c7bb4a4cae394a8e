using System.CommandLine;
using System.Text;
using SubspaceCircuits.Backend;
using SubspaceCircuits.Cli.Bench.PartitionSpeed;
using SubspaceCircuits.Plots;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli.Bench;

/// <summary><c>bench partition-speed</c>.</summary>
internal static class BenchPartitionSpeed
{
    private const string Suite = "partition-speed", Steps = "steps", Information = "mi", Growth = "growth", Winners = "winners", Convergence = "convergence", Folder = "bench/results";

    private static readonly string[] AllParts = [Steps, Information, Winners, Convergence, Growth];
    private static readonly string[] AllShapes = [.. PartitionShape.All.Select(shape => shape.Name)];

    private static readonly Option<string[]> Parts = new("--parts") { Description = $"What to measure: {string.Join(", ", AllParts)}.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => AllParts };
    private static readonly Option<string[]> Shapes = new("--shapes") { Description = $"At which shapes: {string.Join(", ", AllShapes)}; growth has its own.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => AllShapes };
    private static readonly Option<string[]> Kinds = new("--activations") { Description = $"On which activations: {string.Join(", ", SyntheticActivations.Kinds.Keys)}; growth has its own.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. SyntheticActivations.Kinds.Keys] };
    private static readonly Option<bool> Quick = new("--quick") { Description = "One round of a few steps: whether it runs, not how fast." };
    private static readonly Option<bool> Write = new("--write") { Description = $"Write the result to {Folder}/{Suite}.md, and a plot of growth beside it." };

    /// <summary>What the suite found.</summary>
    internal sealed record Output(string Suite, IReadOnlyDictionary<int, double> Peaks, IReadOnlyList<PartitionSpeedSuite.Row> Rows, IReadOnlyDictionary<string, double> Means,
        IReadOnlyList<AgreementSuite.Row> Winners, IReadOnlyList<ConvergenceSuite.Row> Convergence, IReadOnlyList<GrowthSuite.Point> Growth, IReadOnlyDictionary<string, double> Exponents);

    public static Command Create()
    {
        Parts.AcceptOnlyFromAmong(AllParts);
        Shapes.AcceptOnlyFromAmong(AllShapes);
        Kinds.AcceptOnlyFromAmong([.. SyntheticActivations.Kinds.Keys]);
        var command = new Command(Suite, "Seconds of partition steps and of mutual information: the published operations in libtorch against the engine.") { BenchOptions.ThreadCounts, Parts, Shapes, Kinds, Quick, Write };
        command.SetAction(parsed => CommandContext.Run(parsed, Run));
        return command;
    }

    private static void Run(CommandContext context)
    {
        var counts = BenchOptions.Threads(context);
        if (context.Get(Write) && context.Get(Quick))
            throw new ArgumentException("--quick measures too little to --write.");
        if (context.Get(Write) && !Directory.Exists(Folder))
            throw new DirectoryNotFoundException($"{Folder}: expected a folder, but there is none. Run --write from the root of the repository.");
        ComputeThreads.Use(counts[0]);
        var result = Measure(context, counts);
        if (context.Get(Write))
        {
            AtomicFile.Write($"{Folder}/{Suite}.md", Report(context, result));
            if (result.Growth.Count > 0)
                PowerPlot.Save($"{Folder}/{Suite}-growth", [.. result.Growth.GroupBy(point => point.Against).Select(group => new PowerSeries(group.Key, [.. group.Select(point => (point.X, point.StepsPerSecond))]))], "keys, d, subspaces", "steps/s", "Exact steps per second");
        }

        context.Result(result, _ => Console.Out.Write(PartitionSpeedTable.Of(result)));
    }

    private static Output Measure(CommandContext context, int[] counts)
    {
        var asked = context.Get(Parts);
        var isQuick = context.Get(Quick);
        var progress = new Said();
        var suite = new PartitionSpeedSuite(counts, context.Seed, isQuick, progress, context.Cancellation);
        PartitionShape[] shapes = [.. PartitionShape.All.Where(shape => context.Get(Shapes).Contains(shape.Name))];
        var peaks = counts.ToDictionary(count => count, count => PeakRate.Measure(count));
        List<PartitionSpeedSuite.Row> rows = [];
        List<AgreementSuite.Row> winners = [];
        List<ConvergenceSuite.Row> convergence = [];
        IEnumerable<(PartitionShape Shape, string Kind)> OfKinds(IEnumerable<PartitionShape> some) => from shape in some from kind in context.Get(Kinds) select (shape, kind);
        PartitionShape[] different = [.. shapes.Where(shape => shape.Name != "small25")]; // which has the units and the width of small
        // Small shapes first: what libtorch needs for one depends on how much memory it has freed before.
        foreach (var shape in shapes)
        {
            foreach (var (_, kind) in asked.Contains(Steps) ? OfKinds([shape]) : [])
                rows.AddRange(suite.Steps(shape, kind, peaks));
            foreach (var (_, kind) in asked.Contains(Information) ? OfKinds(different.Intersect([shape])) : [])
                rows.AddRange(suite.Informations(shape, kind));
        }

        foreach (var (shape, kind) in asked.Contains(Winners) ? OfKinds(shapes) : [])
        {
            progress.Report($"winners, {shape.Name}, {kind}");
            winners.Add(AgreementSuite.Measure(shape, kind, context.Seed, counts[^1], context.Cancellation));
        }

        foreach (var (shape, kind) in asked.Contains(Convergence) ? OfKinds(different) : [])
            convergence.Add(ConvergenceSuite.Measure(shape, kind, context.Seed, counts[^1], isQuick, progress, context.Cancellation));

        GrowthSuite.Point[] growth = asked.Contains(Growth) ? [.. GrowthSuite.Run(counts[0], context.Seed, isQuick, progress, context.Cancellation)] : [];
        return new Output(Suite, peaks.ToDictionary(peak => peak.Key, peak => peak.Value / 1e9), rows, PartitionSpeedSuite.Means(rows), winners, convergence, growth, GrowthSuite.Exponents(growth));
    }

    private static string Report(CommandContext context, Output result)
    {
        var text = new StringBuilder();
        text.AppendLine("# Speed of the subspace partition").AppendLine();
        text.AppendLine("```").AppendLine(context.CommandLine).AppendLine("```").AppendLine();
        text.AppendLine("Eager is the published code's step in libtorch, operation by operation (`Subspaces/Published`), with one matrix exponential a step where the published code takes one for each block. Both see the same activations, in turns, in one process; medians of three rounds. Batch 128, blocks of 16,384 keys in float16. Activations: `gaussian` is isotropic, `groups` has superposed groups of features, a mean, heavy directions and heavy rows (`SyntheticActivations`).").AppendLine();
        text.Append(PartitionSpeedTable.Of(result));
        if (result.Growth.Count > 0)
            text.AppendLine($"![Steps per second](<{Suite}-growth.svg>)");
        return text.ToString();
    }
}
