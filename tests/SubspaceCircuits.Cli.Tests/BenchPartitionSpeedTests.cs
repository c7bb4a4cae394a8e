using System.Text.Json;

namespace SubspaceCircuits.Tests;

public sealed class BenchPartitionSpeedTests
{
    [Fact]
    public void Toy_is_measured_with_both_kinds_of_activations_and_every_number_of_threads()
    {
        var done = Subspace.Run("bench", "partition-speed", "--shapes", "toy", "--parts", "steps", "mi", "winners", "--quick", "--json");

        Assert.Equal(0, done.Status);
        Assert.Equal("partition-speed", done.Json.GetProperty("suite").GetString());
        var rows = done.Json.GetProperty("rows").EnumerateArray().ToArray();
        var measured = rows.Select(row => (row.GetProperty("data").GetString(), row.GetProperty("part").GetString(), row.GetProperty("threads").GetInt32()));
        Assert.Equal(from part in (string[])["exact", "mutual_information"] from data in (string[])["gaussian", "groups"] from threads in (int[])[1, 2] select (data, part, threads), measured);
        Assert.All(rows, row =>
        {
            Assert.Equal("toy", row.GetProperty("shape").GetString());
            Assert.True(row.GetProperty("eager_seconds").GetDouble() > 0);
            Assert.True(row.GetProperty("engine_seconds").GetDouble() > 0);
            Assert.True(row.GetProperty("ratio").GetDouble() > 0);
        });
        var means = done.Json.GetProperty("means");
        Assert.True(means.GetProperty("toy").GetDouble() > 0);
        Assert.True(means.GetProperty("mutual_information").GetDouble() > 0);
        Assert.All(done.Json.GetProperty("winners").EnumerateArray(), Agrees);
    }

    [Fact]
    public void The_table_of_people_says_shape_ratio_and_peak()
    {
        var done = Subspace.Run("bench", "partition-speed", "--shapes", "toy", "--thread-counts", "1", "--quick");

        Assert.Equal(0, done.Status);
        Assert.Contains("| toy (d 16, 8 x 2, 1 block) | groups | exact | 1 |", done.Out, StringComparison.Ordinal);
        Assert.Contains("GFLOP/s with 1 thread", done.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--quick", "--thread-counts", "0")]
    [InlineData("--quick", "--shapes", "tiny")]
    [InlineData("--quick", "--write")]
    [InlineData("--write")] // not from the root of the repository
    public void Wrong_usage_is_refused(params string[] arguments)
    {
        var refused = Subspace.Run(["bench", "partition-speed", .. arguments]);

        Assert.Equal(2, refused.Status);
        Assert.Empty(refused.Out);
    }

    private static void Agrees(JsonElement row)
    {
        Assert.Equal(8 * 128, row.GetProperty("queries").GetInt64());
        Assert.Equal(8 * 128, row.GetProperty("equal").GetInt64() + row.GetProperty("within_rounding").GetInt64());
        Assert.InRange(row.GetProperty("loss_error").GetDouble(), 0, 1e-5);
        Assert.InRange(row.GetProperty("gradient_error").GetDouble(), 0, 1e-3);
    }
}
