using System.Text.Json.Nodes;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests;

public sealed class AnalysisTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, new[] { "x0.pre", "x0.post", "x1.post" })]
    [InlineData(true, new[] { "x0.pre", "x0.mid", "x0.post", "x1.mid", "x1.post" })]
    public void Run_writes_every_file_of_the_run_folder(bool hasMlps, string[] sites)
    {
        var run = Analyze("run", hasMlps);

        string[] files = ["run.json", "evaluation.json", "metrics.jsonl", "circuit.json", "validation.json", "attention.json", "report.html",
            .. sites.SelectMany(site => (string[])[$"partitions/{site}/partition.json", $"partitions/{site}/rotation.safetensors"])];
        Assert.DoesNotContain(files, file => !File.Exists(run.PathOf(file)));
        Assert.Empty(Directory.EnumerateFiles(run.Root, "*.tmp", SearchOption.AllDirectories));
        Assert.Equal(["evaluation", .. sites.Select(site => $"partition {site}"), "circuit", "validation", "attention", "report"], run.Manifest.Stages.Select(stage => stage.Name));
        Assert.All(run.Manifest.Stages, stage => Assert.Equal(StageStatus.Done, stage.Status));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Same_seed_gives_the_same_bytes(bool hasMlps)
    {
        var one = Analyze("one", hasMlps);
        var other = Analyze("other", hasMlps);

        AssertSameFindings(one, other);
    }

    [Fact]
    public void Another_seed_gives_another_rotation()
    {
        var one = Analyze("one", hasMlps: false);
        var other = Analyze("other", hasMlps: false, TinyModel.Settings with { Seed = 1 });

        Assert.NotEqual(File.ReadAllBytes(one.PathOf("partitions", "x0.pre", "rotation.safetensors")), File.ReadAllBytes(other.PathOf("partitions", "x0.pre", "rotation.safetensors")));
    }

    [Theory]
    [InlineData("evaluation")]
    [InlineData("partition x0.post")]
    [InlineData("validation")]
    public void Run_that_was_cancelled_resumes_to_the_same_bytes(string stage)
    {
        var whole = Analyze("whole", hasMlps: false);
        using var stop = new StopAt(stage);
        Assert.ThrowsAny<OperationCanceledException>(() => Analyze("stopped", hasMlps: false, progress: stop));
        var stopped = RunFolder.Open(_folder["stopped"]);
        Assert.False(stopped.IsDone(stage));

        var resumed = Analyze("stopped", hasMlps: false);

        AssertSameFindings(whole, resumed);
    }

    [Fact]
    public void Circuit_without_a_partition_names_what_is_missing()
    {
        var run = Analyze("run", hasMlps: false);
        Directory.Delete(run.PathOf("partitions", "x0.post"), recursive: true);
        using var model = ModelFolder.Read(_folder["model"]);

        var line = Refused.Line("partitions", () => new Analysis(run, model, model.Weights, cancellation: TestContext.Current.CancellationToken).Circuit(0.9));

        Assert.Contains("x0.post", line, StringComparison.Ordinal);
    }

    [Fact]
    public void CircuitAnew_drops_the_validation_of_the_old_circuit_and_renews_the_report()
    {
        var run = Analyze("run", hasMlps: false);
        var before = File.ReadAllText(run.PathOf("report.html"));
        using var model = ModelFolder.Read(_folder["model"]);

        new Analysis(run, model, model.Weights, cancellation: TestContext.Current.CancellationToken).CircuitAnew(0.3);

        Assert.False(run.IsDone("validation"));
        Assert.False(File.Exists(run.PathOf("validation.json")));
        Assert.Equal(0.3, CircuitFiles.Read(run.PathOf("circuit.json")).Document.Coverage);
        Assert.NotEqual(before, File.ReadAllText(run.PathOf("report.html")));
    }

    [Fact]
    public void Metrics_have_one_line_for_every_tenth_step_also_after_a_stage_is_done_again()
    {
        var run = Analyze("run", hasMlps: false);
        run.Forget("partition x0.post", "partitions/x0.post/partition.json");
        run = Analyze("run", hasMlps: false);

        var lines = File.ReadAllLines(run.PathOf("metrics.jsonl"));
        Assert.Equal(
            ["partition x0.pre 10", "partition x0.pre 20", "partition x1.post 10", "partition x1.post 20", "partition x0.post 10", "partition x0.post 20"],
            lines.Select(line => JsonNode.Parse(line)!).Select(line => $"{line["stage"]} {line["step"]}"));
        Assert.All(lines, line => Assert.True((double)JsonNode.Parse(line)!["loss"]! > 0));
    }

    private RunFolder Analyze(string name, bool hasMlps, AnalysisSettings? settings = null, StopAt? progress = null)
    {
        using var model = ModelFolder.Read(TinyModel.Write(_folder["model"], hasMlps: hasMlps));
        var run = RunFolder.CreateOrResume(_folder[name], NewRun.Manifest(model, settings ?? TinyModel.Settings, "test"));
        new Analysis(run, model, model.Weights, progress, progress?.Cancellation ?? TestContext.Current.CancellationToken).Run();
        return run;
    }

    private static void AssertSameFindings(RunFolder one, RunFolder other)
    {
        string[] Found(RunFolder run) => [.. Directory.EnumerateFiles(run.Root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(run.Root, path)).Order(StringComparer.Ordinal)];
        Assert.Equal(Found(one), Found(other));
        foreach (var file in Found(one).Where(file => file is not ("run.json" or "report.html" or "metrics.jsonl")))
            Assert.True(File.ReadAllBytes(one.PathOf(file)).AsSpan().SequenceEqual(File.ReadAllBytes(other.PathOf(file))), $"{file} differs");
    }

    /// <summary>Asks to stop at the tenth report of a stage, or at its first where it is known to make fewer.</summary>
    private sealed class StopAt(string stage) : IProgress<AnalysisProgress>, IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private int _reports;

        public CancellationToken Cancellation => _stop.Token;

        public void Dispose() => _stop.Dispose();

        public void Report(AnalysisProgress value)
        {
            if (value.Stage == stage && (++_reports >= 10 || value.Total < 10))
                _stop.Cancel();
        }
    }
}
