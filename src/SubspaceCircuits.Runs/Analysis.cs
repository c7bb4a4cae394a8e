using SubspaceCircuits.Activations;
using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Nulls;
using SubspaceCircuits.Interventions;
using SubspaceCircuits.KnownCircuits.Tasks;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Discovery;
using SubspaceCircuits.Subspaces.Labels;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Runs;

/// <summary>What an analysis reports on the way.</summary>
/// <param name="Stage">Stage under way.</param>
/// <param name="Done">Units of work done.</param>
/// <param name="Total">Units of work in the stage; 0 when not known.</param>
/// <param name="Note">A figure to show beside it.</param>
public sealed record AnalysisProgress(string Stage, int Done, int Total, string Note);

/// <summary>
/// The stages of an analysis over a run folder: evaluation, a partition for each site, circuit, validation, attention, report. A stage
/// that is done is not done again, so a run that was stopped goes on where it was.
/// </summary>
/// <param name="run">The folder.</param>
/// <param name="model">The model, on the CPU.</param>
/// <param name="weights">Its weights on the device where it is run.</param>
/// <param name="progress">Told of every step; may be null.</param>
/// <param name="cancellation">Checked between steps.</param>
public sealed class Analysis(RunFolder run, ModelOnDisk model, Weights weights, IProgress<AnalysisProgress>? progress = null, CancellationToken cancellation = default)
{
    private readonly AnalysisSettings _settings = run.Manifest.Settings;
    private readonly ITask _task = AllTasks.Find(run.Manifest.Settings.Task);

    /// <summary>All stages in order.</summary>
    public void Run()
    {
        run.Stage("evaluation", Evaluate);
        Partition(Site.All(model.Weights.Config));
        run.Stage("circuit", () => Circuit(_settings.Coverage));
        run.Stage("validation", () => Validate(_settings.Validation()));
        run.Stage("attention", Attend);
        run.Stage("report", () => ReportWriter.Write(run));
    }

    /// <summary>Accuracy of the model on its task.</summary>
    public void Evaluate()
    {
        List<RangeAccuracy> ranges = [];
        foreach (var range in _settings.EvaluationRanges)
        {
            Report("evaluation", ranges.Count, _settings.EvaluationRanges.Count, $"lengths {range.From}-{range.To}");
            ranges.Add(Evaluation.WholeSequence(weights, _task, range.From, range.To, _settings.EvaluationSamples, _settings.Seed, cancellation));
        }

        Json.Write(run.PathOf("evaluation.json"), new EvaluationDocument("subspace-circuits/evaluation/1", _task.Name, ranges));
    }

    /// <summary>A partition for each of these sites that has none yet.</summary>
    public void Partition(IReadOnlyList<Site> sites)
    {
        Site[] missing = [.. sites.Where(site => !run.IsDone(StageOf(site)))];
        if (missing.Length == 0)
            return;
        Report("activations", 0, 0, $"{_settings.Activations} of each site");
        using var activations = ActivationSet.Collect(weights, _task, _settings.Collection(), cancellation);
        using var threads = SmallModelThreads.For(model.Weights.Config.DModel);
        foreach (var site in missing)
        {
            run.Stage(StageOf(site), () =>
            {
                if (_settings.IsDiscovered)
                    Discover(activations, site);
                else
                    Search(activations, site);
            });
        }
    }

    /// <summary>The circuit from weights and partitions.</summary>
    /// <param name="coverage">Share of incoming variance to cover.</param>
    public void Circuit(double coverage)
    {
        Report("circuit", 0, 0, "reading the weights");
        WithPartitions(partitioned =>
        {
            var circuit = CircuitSelection.ByCoverage(CircuitNulls.With(partitioned, CircuitBuilder.Candidates(partitioned)), coverage);
            Json.Write(run.PathOf("circuit.json"), CircuitFiles.Document(circuit, coverage, Labels()));
            Json.Write(run.PathOf("roles.json"), RolesDocument.Of(partitioned, _task.Vocabulary, _task.HasTokenLogits, _settings.Seed));
        });
    }

    /// <summary>Runs the model with only the circuit's edges; the edges of <c>circuit.json</c> gain the scores that need runs.</summary>
    /// <param name="settings">How many sequences, which ablation.</param>
    /// <param name="others">Other circuits among the same candidates, as controls.</param>
    public void Validate(ValidationSettings settings, IReadOnlyDictionary<string, Circuits.Circuit>? others = null)
    {
        Report("validation", 0, 0, $"{settings.Samples} sequences");
        var (circuit, document) = CircuitFiles.Read(run.PathOf("circuit.json"));
        WithPartitions(partitioned =>
        {
            var found = CircuitValidation.Run(partitioned, circuit, _task, settings with { Coverage = document.Coverage }, others, cancellation);
            Json.Write(run.PathOf("circuit.json"), CircuitFiles.Document(found.Scored, document.Coverage, Labels()));
            Json.Write(run.PathOf("validation.json"), ValidationFiles.Document(found, settings, _task));
        });
    }

    /// <summary>Reads the circuit anew; a validation of the old one is dropped, a report is written again.</summary>
    public void CircuitAnew(double coverage)
    {
        run.Forget("validation", "validation.json");
        run.Again("circuit", () => Circuit(coverage));
        RenewReport();
    }

    /// <summary>Validates anew; a report is written again.</summary>
    public void ValidateAnew(ValidationSettings settings, IReadOnlyDictionary<string, Circuits.Circuit>? others = null)
    {
        run.Again("validation", () => Validate(settings, others));
        RenewReport();
    }

    /// <summary>Scores and patterns of the heads.</summary>
    public void Attend()
    {
        Report("attention", 0, 0, "scores of the heads");
        Json.Write(run.PathOf("attention.json"), AttentionFiles.Document(weights, _task, _settings.Lengths, _settings.Seed));
    }

    /// <summary>Name of the stage that partitions a site.</summary>
    public static string StageOf(Site site) => $"partition {site}";

    private void RenewReport()
    {
        if (run.IsDone("report"))
            run.Again("report", () => ReportWriter.Write(run));
    }

    private void Discover(ActivationSet activations, Site site)
    {
        using var result = PartitionSearch.Discover(activations[site], site, _settings.Discovery(), new Cuts(this, StageOf(site)), cancellation);
        Keep(result, activations, site);
    }

    /// <summary>Trains a partition, from where an earlier attempt stopped.</summary>
    private void Search(ActivationSet activations, Site site)
    {
        var (stage, folder, strategy) = (StageOf(site), PartitionFolder(site), _settings.PartitionStrategy());
        var checkpoint = new PartitionCheckpoint(folder, strategy, activations[site]);
        var done = checkpoint.Read();
        var metrics = new MetricsLog(run.PathOf("metrics.jsonl"), stage, done is null ? 0 : done.StepsBefore + done.Training.Steps);
        checkpoint.Written = metrics.Save;
        using var result = PartitionSearch.Run(activations[site], site, strategy, checkpoint, new Steps(this, stage, metrics), cancellation);
        Keep(result, activations, site);
        metrics.Save();
        checkpoint.Remove();
    }

    private void Keep(PartitionResult result, ActivationSet activations, Site site)
    {
        var shares = activations.Variables.ToDictionary(pair => pair.Key, pair => ExplainedVariance.Shares(activations[site], pair.Value, result.Partition));
        PartitionFiles.Write(PartitionFolder(site), result, shares, SubspaceLabel.Of(result.Partition, activations[site], activations.Variables));
    }

    private string PartitionFolder(Site site) => run.PathOf("partitions", site.ToString());

    private void WithPartitions(Action<PartitionedModel> use)
    {
        var partitions = PartitionFiles.ReadAll(run.PathOf("partitions"));
        try
        {
            use(Partitioned(partitions));
        }
        finally
        {
            foreach (var partition in partitions)
                partition.Dispose();
        }
    }

    private PartitionedModel Partitioned(IReadOnlyList<Subspaces.Partition> partitions)
    {
        try
        {
            return new PartitionedModel(model.Weights, partitions);
        }
        catch (ArgumentException inner)
        {
            throw new CheckpointException(run.PathOf("partitions"), inner.Message.TrimEnd('.'), inner);
        }
    }

    /// <summary>Label of every subspace by its id.</summary>
    private Dictionary<string, string> Labels() => Site.All(model.Weights.Config)
        .SelectMany(site => PartitionFiles.ReadDocument(PartitionFolder(site)).Labels.Select((label, unit) => ($"{site}/{unit}", label)))
        .ToDictionary(pair => pair.Item1, pair => pair.label);

    private void Report(string stage, int done, int total, string note)
    {
        cancellation.ThrowIfCancellationRequested();
        progress?.Report(new AnalysisProgress(stage, done, total, note));
    }

    private sealed class Steps(Analysis analysis, string stage, MetricsLog metrics) : IProgress<PartitionProgress>
    {
        public void Report(PartitionProgress value)
        {
            metrics.Note(value);
            analysis.Report(stage, value.Step, value.MaxSteps, value.ToString());
        }
    }

    private sealed class Cuts(Analysis analysis, string stage) : IProgress<DiscoveryProgress>
    {
        public void Report(DiscoveryProgress value) => analysis.Report(stage, value.Pass, value.Passes, value.ToString());
    }
}
