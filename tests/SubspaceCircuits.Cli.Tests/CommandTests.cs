using System.Text.Json;
using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Tests;

public sealed class CommandTests
{
    private static readonly string[] Quick = ["--strategy", "blocks", "--steps", "20", "--starts", "1", "--stop-at", "2", "--activations-per-site", "2048", "--samples", "20", "--json"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Analyze_then_each_stage_prints_the_documented_fields(bool hasMlps)
    {
        using var folder = new TemporaryFolder();
        var model = TinyModel.Write(folder["model"], hasMlps: hasMlps);

        var analysis = Fields(Subspace.Run(["analyze", model, "--out", folder["run"], .. Quick]), "run", "report", "task", "accuracy", "sites", "circuit", "seconds");
        foreach (var site in analysis.GetProperty("sites").EnumerateArray())
            Require(site, "site", "sizes", "mean_distance");
        Assert.Equal(hasMlps ? 5 : 3, analysis.GetProperty("sites").GetArrayLength());
        Require(analysis.GetProperty("circuit"), "edges", "of", "component_edges", "component_of", "match_accuracy", "task_accuracy");
        foreach (var file in (string[])["run.json", "evaluation.json", "circuit.json", "validation.json", "attention.json", "report.html", "partitions/x0.pre/rotation.safetensors", "plots/attention-a0.0.png", "plots/mutual-information-x0.pre.svg"])
            Assert.True(File.Exists(Path.Combine(folder["run"], file)), file);

        var circuit = Fields(Subspace.Run("circuit", folder["run"], "--coverage", "0.5", "--json"), "circuit", "nodes", "edges");
        Require(circuit.GetProperty("edges")[0], "kind", "via", "from", "to", "query", "key", "scores");
        Require(circuit.GetProperty("nodes")[0], "id", "kind", "site", "size");
        Fields(Subspace.Run("validate", folder["run"], "--samples", "10", "--json"), "ablation", "match_accuracy", "task_accuracy", "kl", "edges", "of", "controls");
        foreach (var ablation in hasMlps ? (string[])["optimal"] : ["zero", "resample"])
        {
            var validation = Fields(Subspace.Run("validate", folder["run"], "--samples", "10", "--effect-samples", "4", "--effects", "5", "--ablation", ablation, "--other", folder["run"], "--json"),
                "selections", "agreement", "kl_of_sequences", "norms", "mlps", "head_pairs");
            Assert.Equal(ablation, validation.GetProperty("ablation").GetString());
            var controls = validation.GetProperty("controls");
            Assert.Equal("circuit of run", controls[controls.GetArrayLength() - 1].GetProperty("name").GetString());
            Assert.Equal(5, validation.GetProperty("agreement").EnumerateArray().Last().GetProperty("edges").GetInt32());
        }

        var roles = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder["run"], "roles.json"))).RootElement;
        Assert.Equal(4, roles.GetProperty("heads").GetArrayLength());
        Fields(Subspace.Run("report", folder["run"], "--json"), "report");
        Fields(Subspace.Run("export", folder["run"], "--format", "eap", "--out", folder["eap.json"], "--json"), "file", "format", "score", "nodes", "edges");
        Fields(Subspace.Run("import", folder["eap.json"], "--compare", folder["run"], "--json"), "file", "format", "model", "nodes", "nodes_in_graph", "edges", "of", "edges_in_graph", "top", "comparison");
        var elsewhere = Fields(Subspace.Run("circuit", model, "--partitions", folder["run", "partitions"], "--out", folder["elsewhere"], "--json"), "circuit");
        Assert.True(File.Exists(elsewhere.GetProperty("circuit").GetString()));
    }

    [Fact]
    public void Eval_and_attention_print_the_documented_fields()
    {
        using var folder = new TemporaryFolder();
        var model = TinyModel.Write(folder["model"]);

        var found = Fields(Subspace.Run("eval", model, "--lengths", "2-4,5-10", "--samples", "30", "--json"), "task", "samples", "ranges");
        var attention = Fields(Subspace.Run("attention", model, "--json"), "heads", "example", "prompts");

        Assert.Equal(2, found.GetProperty("ranges").GetArrayLength());
        Require(found.GetProperty("ranges")[0], "from", "to", "accuracy");
        Assert.Equal(4, attention.GetProperty("heads").GetArrayLength());
        Require(attention.GetProperty("example"), "tokens", "supervised", "predicted", "right", "patterns");
        Require(attention.GetProperty("heads")[0], "head", "layer", "previous_token", "induction", "prefix_matching", "duplicate_token", "same_token", "first_position", "ngram_match", "shuffled", "uniform");
    }

    [Theory]
    [InlineData("mean")]
    [InlineData("mean-position")]
    [InlineData("mean-overall")]
    [InlineData("resample")]
    public void Heads_prints_the_documented_fields(string ablation)
    {
        using var folder = new TemporaryFolder();
        var model = TinyModel.Write(folder["model"]);

        var found = Fields(Subspace.Run("heads", model, "--ablation", ablation, "--samples", "20", "--lengths", "2-6", "--thresholds", "0.9", "--json"),
            "model", "task", "ablation", "settings", "without_donor", "whole", "none", "heads", "pairs", "sufficient", "runs", "seconds");

        Assert.Equal((4, 6, 1), (found.GetProperty("heads").GetArrayLength(), found.GetProperty("pairs").GetArrayLength(), found.GetProperty("sufficient").GetArrayLength()));
        Require(found.GetProperty("heads")[0], "head", "alone", "verdicts");
        Require(found.GetProperty("heads")[0].GetProperty("verdicts")[0], "threshold", "verdict", "is_harmful_alone", "in_sets", "of_sets", "harmful_with", "swaps_with");
        Require(found.GetProperty("pairs")[0], "heads", "both", "kl_excess", "match_excess", "similarity");
        Require(found.GetProperty("sufficient")[0], "threshold", "size", "heuristic_size", "is_exhaustive", "is_heuristic_optimal", "sets");
    }

    [Theory]
    [InlineData("npy")]
    [InlineData("safetensors")]
    public void Partition_takes_activations_from_a_file(string format)
    {
        using var folder = new TemporaryFolder();
        var path = folder[$"activations.{format}"];
        using (var scope = NewDisposeScope())
        {
            var rows = randn([2048, 8], generator: new Generator(1));
            if (format == "npy")
                Npy.Write(path, rows);
            else
                Safetensors.Write(path, new Dictionary<string, Tensor> { ["activations"] = rows });
        }

        var found = Fields(Subspace.Run(["partition", "--activations", path, "--out", folder["run"], .. Quick]), "site", "sizes", "mean_distance", "steps", "strategy", "partition");

        using var partition = PartitionFiles.Read(found.GetProperty("partition").GetString()!);
        Assert.Equal([4, 4], partition.Sizes);
    }

    [Fact]
    public void Partition_of_one_site_by_merging_reaches_the_number_that_was_told()
    {
        using var folder = new TemporaryFolder();
        var model = TinyModel.Write(folder["model"]);

        var found = Fields(Subspace.Run("partition", model, "--site", "x0.post", "--strategy", "merge", "--stop-at", "1", "--steps", "200", "--activations-per-site", "2048", "--out", folder["run"], "--json"), "partition");
        var unknown = Subspace.Run("partition", model, "--site", "x9.post", "--out", folder["other"]);

        Assert.Equal("x0.post", found.GetProperty("site").GetString());
        Assert.Equal(2, unknown.Status);
        Assert.Contains("x1.post", Assert.Single(unknown.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Train_writes_a_model_that_eval_reads_without_being_told_its_task()
    {
        using var folder = new TemporaryFolder();

        var trained = Fields(Subspace.Run("train", "unique_token_pattern", "--d-model", "8", "--attn-only", "--steps", "20", "--out", folder["model"], "--json"), "model", "task", "steps", "accuracy");
        var found = Fields(Subspace.Run("eval", folder["model"], "--samples", "20", "--json"), "task");

        Assert.Equal(20, trained.GetProperty("steps").GetInt32());
        Assert.Equal("unique_token_pattern", found.GetProperty("task").GetString());
    }

    [Fact]
    public void Interrupted_analysis_stops_with_one_line_and_the_same_command_finishes_it_to_the_same_bytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are those of Unix");
        using var folder = new TemporaryFolder();
        var model = TinyModel.Write(folder["model"]);
        string[] Arguments(string run) => ["analyze", model, "--out", folder[run], "--strategy", "blocks", "--steps", "1500", "--starts", "2", "--stop-at", "2", "--activations-per-site", "2048", "--samples", "20", "--json"];

        using (var process = Subspace.Start(new Dictionary<string, string?>(), Arguments("stopped")))
        {
            while (process.StandardError.ReadLine() is { } line && !line.StartsWith("partition", StringComparison.Ordinal))
            {
            }

            Subspace.Signal(process, "INT");
            var rest = process.StandardError.ReadToEnd();
            Assert.True(process.WaitForExit(TimeSpan.FromSeconds(10)), "did not stop within ten seconds");
            Assert.Equal(1, process.ExitCode);
            Assert.EndsWith("the same command goes on from there.", rest.Trim(), StringComparison.Ordinal);
        }

        var resumed = Subspace.Run(Arguments("stopped"));
        var whole = Subspace.Run(Arguments("whole"));

        Assert.Equal(0, resumed.Status);
        Assert.Equal(0, whole.Status);
        Assert.Equal(File.ReadAllBytes(folder["whole", "circuit.json"]), File.ReadAllBytes(folder["stopped", "circuit.json"]));
    }

    [Fact]
    public async Task Explorer_answers_its_own_address_only()
    {
        using var folder = new TemporaryFolder();
        var model = TinyModel.Write(folder["model"]);
        Assert.Equal(0, Subspace.Run(["analyze", model, "--out", folder["run"], .. Quick]).Status);
        using var process = Subspace.Start(new Dictionary<string, string?>(), "explore", folder["run"]);
        var address = new Uri((await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!);
        using var client = new HttpClient();
        async Task<(int Status, string Text)> Get(Uri uri, string? host = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.Host = host;
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        var index = await Get(address);
        var report = await Get(new Uri(address, "0"));
        var none = await Get(new Uri(address, "7"));
        var withoutToken = await Get(new Uri(address, "/"));
        var foreign = await Get(address, "example.org");
        Subspace.Signal(process, "INT");

        Assert.Equal("127.0.0.1", address.Host);
        Assert.Equal(200, index.Status);
        Assert.Contains("report-data", report.Text, StringComparison.Ordinal);
        Assert.Equal((404, 404, 403), (none.Status, withoutToken.Status, foreign.Status));
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(10)), "did not stop");
    }

    [Fact]
    public void Published_model_shows_its_known_circuit()
    {
        var model = SharedData.PathOrSkip("models/unique_copy-@2l1h64d3lr01drop");
        using var folder = new TemporaryFolder();

        var found = Subspace.Run("analyze", model, "--out", folder["run"], "--strategy", "blocks", "--stop-at", "3", "--starts", "2", "--steps", "1000", "--samples", "200", "--json");

        Assert.Equal(0, found.Status);
        var circuit = CircuitFiles.Read(folder["run", "circuit.json"]);
        var labels = circuit.Document.Nodes.ToDictionary(node => node.Id, node => node.Label ?? "");
        bool Has(string? id, string label) => id is not null && labels[id].Contains(label, StringComparison.Ordinal);
        var kept = circuit.Circuit.Kept.ToArray();
        Assert.Contains(kept, edge => edge.Via == "a0.0" && edge.Kind is Circuits.EdgeKind.Qk && Has(edge.Query, "position") && Has(edge.Key, "position"));
        Assert.Contains(kept, edge => edge.Via == "a0.0" && edge.Kind is Circuits.EdgeKind.Ov && Has(edge.From, "token") && Has(edge.To, "previous token"));
        Assert.Contains(kept, edge => edge.Via == "a1.0" && edge.Kind is Circuits.EdgeKind.Qk && Has(edge.Query, "token") && Has(edge.Key, "previous token"));
        Assert.Contains(kept, edge => edge.Via == "a1.0" && edge.Kind is Circuits.EdgeKind.Ov && Has(edge.From, "token") && Has(edge.To, "prediction"));
        Assert.InRange(found.Json.GetProperty("accuracy")[2].GetProperty("accuracy").GetDouble(), 0.96, 1);
    }

    private static JsonElement Fields(Finished finished, params string[] names)
    {
        Assert.True(finished.Status == 0, finished.Error);
        Require(finished.Json, names);
        return finished.Json;
    }

    private static void Require(JsonElement element, params string[] names) =>
        Assert.All(names, name => Assert.True(element.TryGetProperty(name, out _), $"no field {name}"));
}
