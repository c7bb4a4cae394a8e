namespace SubspaceCircuits.Tests;

public sealed class BenchRealModelsTests
{
    [Fact]
    public void Published_numbers_are_met_or_missed_and_the_exit_status_says_so()
    {
        using var folder = new TemporaryFolder();
        // Random weights: right on no sequence of ten.
        File.WriteAllText(Path.Combine(TinyModel.Write(folder["one"]), "acc.txt"), "1l eval_len8-10_acc: 0.0");
        TinyModel.Write(folder["without-numbers"]);

        var met = Subspace.Run("bench", "real-models", "--models", folder.Root, "--samples", "50", "--json");
        File.WriteAllText(folder["one", "acc.txt"], "1l\teval_len8-10_acc: 0.0\teval_len9-10_acc: 0.9");
        var missed = Subspace.Run("bench", "real-models", "--models", folder.Root, "--samples", "50", "--json");
        var table = Subspace.Run("bench", "real-models", "--models", folder.Root, "--samples", "50");

        Assert.Equal((0, 1, 1), (met.Status, missed.Status, table.Status));
        Assert.Equal((1.0, 0.5), (met.Json.GetProperty("means").GetProperty("within").GetDouble(), missed.Json.GetProperty("means").GetProperty("within").GetDouble()));
        Assert.Equal("real-models", met.Json.GetProperty("suite").GetString());
        var row = missed.Json.GetProperty("rows")[1];
        Assert.Equal(("one", "unique_token_pattern", 9, 10, 0.9, 0.0, 0.04, false), (row.GetProperty("model").GetString(), row.GetProperty("task").GetString(), row.GetProperty("from").GetInt32(), row.GetProperty("to").GetInt32(),
            row.GetProperty("published").GetDouble(), row.GetProperty("measured").GetDouble(), row.GetProperty("tolerance").GetDouble(), row.GetProperty("within").GetBoolean()));
        Assert.Contains("1 of 2 numbers lie outside their tolerance.", missed.ErrorLines);
        Assert.Contains("| one   | 9-10    | 0.9000    | 0.0000   | -0.9000    | 0.04      | no     |", table.Out, StringComparison.Ordinal);
    }
}
