using System.Text.Json;

namespace SubspaceCircuits.Tests;

public sealed class DiscoveryCommandTests
{
    [Fact]
    public void Made_activations_are_partitioned_and_what_was_found_is_said()
    {
        using var folder = new TemporaryFolder();
        var made = Json("synthetic", "nothing", "--out", folder["data"]);
        Assert.Equal(12, made.GetProperty("d_model").GetInt32());
        Assert.True(File.Exists(folder["data", "truth.safetensors"]));

        var found = Json("partition", "--activations", made.GetProperty("activations").GetString()!, "--replicates", "0", "--out", folder["run"]);

        Assert.Equal("discover", found.GetProperty("strategy").GetString());
        Assert.Equal("nothing", found.GetProperty("discovery").GetProperty("outcome").GetString());
    }

    [Fact]
    public void Bench_discovery_measures_and_puts_together_what_was_measured()
    {
        using var folder = new TemporaryFolder();
        var run = Subspace.Run("bench", "discovery", "--settings", "nothing", "--strategies", "discover", "--seeds", "1", "--json");
        Assert.True(run.Status == 0, run.Error);
        File.WriteAllText(folder["rows.json"], run.Out);

        var again = Json("bench", "discovery", "--from", folder["rows.json"], "--write", folder["results"]);

        var row = Assert.Single(again.GetProperty("rows").EnumerateArray());
        Assert.True(row.GetProperty("is_right").GetBoolean());
        foreach (var file in (string[])["discovery.parquet", "discovery-success.png", "discovery-tilt.svg"])
            Assert.True(new FileInfo(folder["results", file]).Length > 100, file);
        Assert.Equal("PAR1"u8.ToArray(), File.ReadAllBytes(folder["results", "discovery.parquet"])[..4]);
        Assert.Equal(2, Subspace.Run("bench", "discovery", "--settings", "nope").Status);
        Assert.Equal(2, Subspace.Run("bench", "discovery", "--strategies", "nope").Status);
    }

    [Fact]
    public void Bench_sites_says_what_the_subspaces_of_a_model_hold()
    {
        using var folder = new TemporaryFolder();
        var model = TinyModel.Write(folder["model"]);

        var rows = Json("bench", "sites", model, "--sites", "x0.pre", "--activations-per-site", "2048", "--replicates", "0", "--strategies", "discover").GetProperty("rows");

        var row = Assert.Single(rows.EnumerateArray());
        Assert.Equal(8, row.GetProperty("subspaces").EnumerateArray().Sum(subspace => subspace.GetProperty("size").GetInt32()));
        Assert.Equal(1, row.GetProperty("subspaces").EnumerateArray().Sum(subspace => subspace.GetProperty("captured").GetProperty("token").GetDouble()), 1e-3);
    }

    private static JsonElement Json(params string[] arguments)
    {
        var run = Subspace.Run([.. arguments, "--json"]);
        Assert.True(run.Status == 0, run.Error);
        return JsonDocument.Parse(run.Out).RootElement;
    }
}
