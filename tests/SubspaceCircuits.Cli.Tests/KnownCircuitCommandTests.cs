using System.Text.Json;

namespace SubspaceCircuits.Tests;

public sealed class KnownCircuitCommandTests
{
    [Fact]
    public void Programs_are_listed() =>
        Assert.Equal(46, Json("compile", "--list").GetProperty("programs").GetArrayLength());

    [Fact]
    public void Compiled_model_is_evaluated_analyzed_and_scored()
    {
        using var folder = new TemporaryFolder();
        var made = Json("compile", "first_token", "--size", "tiny", "--disguise", "D1", "--seed", "7", "--out", folder["model"]);
        Assert.Equal(0, made.GetProperty("wrong_outputs").GetInt32());
        Assert.Equal(["config.json", "model.safetensors", "task.json", "vocabulary.json"], Directory.GetFiles(folder["model"]).Select(Path.GetFileName).Order());

        var accuracy = Json("eval", folder["model"], "--samples", "50").GetProperty("ranges")[0].GetProperty("accuracy").GetDouble();
        Json("analyze", folder["model"], "--out", folder["run"], "--activations-per-site", "2048", "--replicates", "0");
        var score = Json("score", folder["run"], "--truth", made.GetProperty("truth").GetString()!);

        Assert.Equal(1, accuracy);
        Assert.Equal(2, score.GetProperty("sites").GetArrayLength());
        Assert.Equal(["found", "random"], score.GetProperty("circuits").EnumerateArray().Select(circuit => circuit.GetProperty("name").GetString()));
        Assert.Equal(14, score.GetProperty("circuits")[0].GetProperty("levels").GetArrayLength());
        var tokens = score.GetProperty("sites")[0].GetProperty("variables").GetProperty("subspaces").EnumerateArray().Single(subspace => subspace.GetProperty("name").GetString() == "tokens");
        Assert.InRange(tokens.GetProperty("match").GetProperty("capture").GetDouble(), 0.9, 1.001);
    }

    [Fact]
    public void Truth_of_another_model_is_refused()
    {
        using var folder = new TemporaryFolder();
        var one = Json("compile", "hist", "--size", "tiny", "--out", folder["one"]);
        Json("compile", "hist", "--size", "tiny", "--disguise", "D1", "--out", folder["two"]);
        Json("partition", folder["two"], "--site", "x0.pre", "--activations-per-site", "1024", "--replicates", "0", "--out", folder["run"]);

        var score = Subspace.Run("score", folder["run"], "--truth", one.GetProperty("truth").GetString()!);

        Assert.Equal(2, score.Status);
        Assert.Contains("is about a model whose weights have the hash", score.Error, StringComparison.Ordinal);
        Assert.Equal(2, Subspace.Run("compile", "hist", "--size", "tiny", "--out", folder["one"]).Status);
        Assert.Equal(2, Subspace.Run("compile", "nothing", "--out", folder["three"]).Status);
        Assert.Equal(2, Subspace.Run("compile", "hist", "--size", "huge", "--out", folder["three"]).Status);
        Assert.Equal(2, Subspace.Run("compile").Status);
        Assert.Contains("--disguise should be one of D0, D1, D2, D3, D4, but is 'D9'", Subspace.Run("compile", "hist", "--disguise", "D9").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Oracle_benchmark_is_exact_and_goes_on_where_it_was()
    {
        using var folder = new TemporaryFolder();
        string[] command = ["bench", "known-circuits", "--programs", "hist", "reverse", "--seeds", "1", "--out", folder["out"]];
        var rows = Json(command).GetProperty("rows");

        Assert.Equal(6, rows.GetArrayLength());
        foreach (var row in rows.EnumerateArray())
        {
            Assert.Equal(0, row.GetProperty("wrong_outputs").GetInt32());
            foreach (var level in (string[])["edges", "edges_with_auxiliary", "edges_without_embedding", "ports", "components", "nodes"])
                Assert.Equal((0, 1.0), (row.GetProperty(level).GetProperty("shd").GetInt32(), row.GetProperty(level).GetProperty("f1").GetDouble()));
        }

        File.AppendAllText(folder["out", "rows.jsonl"], "{\"program\": \"cut o");
        var again = Subspace.Run([.. command, "--json"]);
        Assert.Contains("6 of 6 models were done before", again.Error, StringComparison.Ordinal);
        Assert.Equal("PAR1"u8.ToArray(), File.ReadAllBytes(folder["out", "known-circuits-oracle.parquet"])[..4]);
        Assert.Contains("| **mean** | D2 |", File.ReadAllText(folder["out", "known-circuits-oracle.md"]), StringComparison.Ordinal);
        Assert.Equal(2, Subspace.Run("bench", "known-circuits", "--stage", "middle").Status);
    }

    private static JsonElement Json(params string[] arguments)
    {
        var run = Subspace.Run([.. arguments, "--json"]);
        Assert.True(run.Status == 0, run.Error);
        return JsonDocument.Parse(run.Out).RootElement;
    }
}
