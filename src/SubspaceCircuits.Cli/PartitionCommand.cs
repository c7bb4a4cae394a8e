using System.CommandLine;
using Spectre.Console;
using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Models;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Discovery;

namespace SubspaceCircuits.Cli;

/// <summary><c>partition MODEL --site S --out RUN</c>, or <c>partition --activations FILE --out DIR</c> for anyone's activations.</summary>
internal static class PartitionCommand
{
    private static readonly Argument<string?> Model = new("MODEL") { Description = "Model folder or file of weights; not with --activations.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> SiteName = new("--site") { Description = "Site, such as x0.post; all sites when not given." };
    private static readonly Option<string?> ActivationFile = new("--activations") { Description = "File of activations, safetensors or npy, [n, d_model]." };

    private sealed record Output(string? Site, IReadOnlyList<int> Sizes, double MeanDistance, int Steps, string Strategy, LookaheadDocument? Lookahead, DiscoveryDocument? Discovery, string Partition);

    public static Command Create()
    {
        var command = new Command("partition", "Find the subspaces of a site.") { Model, SiteName, ActivationFile };
        AnalysisOptions.AddTo(command);
        command.SetAction(parsed => CommandContext.Run(parsed, context =>
        {
            var found = context.Get(ActivationFile) is { } file ? FromActivations(context, file) : FromModel(context);
            if (found.Count == 1)
                context.Result(found[0], console => Print(console, found));
            else
                context.Result(found, console => Print(console, found));
        }));
        return command;
    }

    private static IReadOnlyList<Output> FromModel(CommandContext context)
    {
        using var model = context.ReadModel(context.Get(Model) ?? throw new ArgumentException("Give a MODEL, or --activations FILE."));
        IReadOnlyList<Site> sites = Site.All(model.Weights.Config);
        if (context.Get(SiteName) is { } name)
        {
            var site = Site.Parse(name);
            sites = sites.Contains(site) ? [site] : throw new ArgumentException($"{model.Name} has no site {site}. Its sites: {string.Join(", ", sites)}.");
        }

        var settings = AnalysisOptions.Settings(context, CommandContext.TaskOf(model, context.Get(AnalysisOptions.Task)), model.Weights.Config);
        var run = RunFolder.CreateOrResume(context.Get(AnalysisOptions.Out) ?? $"runs/{model.Name}", NewRun.Manifest(model, settings, context.CommandLine));
        using (var progress = new ProgressDisplay())
            new Analysis(run, model, context.OnDevice(model.Weights), progress, context.Cancellation).Partition(sites);
        return [.. sites.Select(site => run.PathOf("partitions", site.ToString())).Select(folder => Describe(PartitionFiles.ReadDocument(folder), folder))];
    }

    private static IReadOnlyList<Output> FromActivations(CommandContext context, string file)
    {
        context.UseThreads();
        using var scope = TorchSharp.torch.NewDisposeScope();
        var rows = ReadActivations(file);
        var settings = AnalysisOptions.Strategies(context, new AnalysisSettings { Task = "", EvaluationRanges = [], Lengths = new LengthRange(0, 0) }) with
        {
            Activations = (int)Math.Min(int.MaxValue, rows.shape[0]),
        };
        settings.Validate();
        Site? site = context.Get(SiteName) is { } name ? Site.Parse(name) : null;
        var folder = Path.Combine(context.Get(AnalysisOptions.Out) ?? "runs/activations", "partitions", site?.ToString() ?? Path.GetFileNameWithoutExtension(file));
        using var progress = new ProgressDisplay();
        if (settings.IsDiscovered)
        {
            using var found = PartitionSearch.Discover(rows, site, settings.Discovery(), new Cuts(progress), context.Cancellation);
            PartitionFiles.Write(folder, found, new Dictionary<string, double[]>());
        }
        else
        {
            var checkpoint = new PartitionCheckpoint(folder, settings.PartitionStrategy(), rows);
            using var result = PartitionSearch.Run(rows, site, settings.PartitionStrategy(), checkpoint, new Steps(progress), context.Cancellation);
            PartitionFiles.Write(folder, result, new Dictionary<string, double[]>());
            checkpoint.Remove();
        }

        return [Describe(PartitionFiles.ReadDocument(folder), folder)];
    }

    /// <summary>The one two-dimensional tensor of a file, in half precision when it was stored so, else in float32.</summary>
    private static Tensor ReadActivations(string file)
    {
        Tensor rows;
        if (Path.GetExtension(file) == ".npy")
        {
            rows = Npy.Read(file);
        }
        else
        {
            using var state = Path.GetExtension(file) == ".pt" ? TorchArchive.ReadStateDict(file) : Safetensors.Read(file);
            rows = state.Names.Count == 1 ? state.Take(state.Names[0]) : throw new CheckpointException(file, $"expected one tensor of activations, but found {state.Names.Count}");
        }

        if (rows.dim() != 2)
            throw new CheckpointException(file, $"expected activations [n, d_model], but found shape [{string.Join(", ", rows.shape)}]");
        return rows.dtype is TorchSharp.torch.ScalarType.Float16 or TorchSharp.torch.ScalarType.BFloat16 ? rows : rows.to(TorchSharp.torch.ScalarType.Float32);
    }

    private static Output Describe(PartitionDocument document, string folder) =>
        new(document.Site, document.Sizes, document.MeanDistance, document.Steps, document.Strategy, document.Lookahead, document.Discovery, folder);

    private static void Print(IAnsiConsole console, IReadOnlyList<Output> found)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("site", "sizes", "found", "mean distance", "partition");
        foreach (var partition in found)
            table.AddRow(partition.Site ?? "", string.Join(" ", partition.Sizes), partition.Discovery is { } discovery ? Words(discovery) : "", $"{partition.MeanDistance:0.0000}", Markup.Escape(partition.Partition));
        console.Write(table);
        foreach (var partition in found.Where(partition => partition.Lookahead is not null))
            console.MarkupLineInterpolated($"{partition.Site} look-ahead: {partition.Lookahead!.Agreement:0.00000} of {partition.Lookahead.Audited} audited nearest keys agree, loss excess {partition.Lookahead.LossExcess:0.0e0}");
    }

    /// <summary>What was found, how clearly and how stably.</summary>
    private static string Words(DiscoveryDocument discovery)
    {
        var verdicts = discovery.Subspaces.Where(subspace => subspace.Verdict is not null).GroupBy(subspace => subspace.Verdict!.Value)
            .Select(group => $"{group.Count()} {(group.Key is StabilityVerdict.NotSeparable ? "not separable" : group.Key.ToString().ToLowerInvariant())}");
        var q = discovery.Tree.Share is { } share ? $"first cut q {share:0.000}{(discovery.Tree.Limit is { } limit ? $" of {limit:0.00}" : "")}" : "";
        return discovery.Outcome switch
        {
            DiscoveryOutcome.Nothing => "nothing has structure",
            DiscoveryOutcome.OneBlock => $"one block, {q}",
            _ => string.Join(", ", verdicts.Prepend(q).Where(part => part.Length > 0)),
        };
    }

    private sealed class Steps(ProgressDisplay display) : IProgress<PartitionProgress>
    {
        public void Report(PartitionProgress value) => display.Report(new AnalysisProgress("partition", value.Step, value.MaxSteps, value.ToString()));
    }

    private sealed class Cuts(ProgressDisplay display) : IProgress<DiscoveryProgress>
    {
        public void Report(DiscoveryProgress value) => display.Report(new AnalysisProgress("partition", value.Pass, value.Passes, value.ToString()));
    }
}
