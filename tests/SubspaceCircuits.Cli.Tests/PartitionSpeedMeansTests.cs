using SubspaceCircuits.Cli.Bench.PartitionSpeed;

namespace SubspaceCircuits.Tests;

public sealed class PartitionSpeedMeansTests
{
    private static PartitionSpeedSuite.Row Row(string shape, string data, string part, int threads, double eager, double engine) => new(shape, data, part, threads, eager, engine, eager / engine, null);

    [Fact]
    public void Means_are_of_isotropic_activations_with_one_thread_and_others_stand_apart()
    {
        var means = PartitionSpeedSuite.Means([
            Row("toy", "gaussian", "exact", 1, 8, 1), Row("toy", "groups", "exact", 1, 2, 1), Row("toy", "gaussian", "exact", 2, 100, 1),
            Row("gpt2", "gaussian", "exact", 1, 15, 3), Row("gpt2", "gaussian", "lookahead", 1, 15, 0.5), Row("small", "gaussian", "mutual_information", 1, 60, 1)]);

        Assert.Equal(8, means["toy"], 1e-12);
        Assert.Equal(2, means["toy_groups"], 1e-12);
        Assert.Equal(5, means["gpt2_exact"], 1e-12);
        Assert.Equal(30, means["gpt2_lookahead"], 1e-12);
        Assert.Equal(60, means["mutual_information"], 1e-12);
        Assert.Equal(5, means.Count); // no two threads over one: the toy is left out
    }

    [Fact]
    public void Two_threads_are_compared_with_one_by_the_engine_s_seconds()
    {
        var means = PartitionSpeedSuite.Means([
            Row("small", "gaussian", "exact", 1, 8, 1), Row("small", "gaussian", "exact", 2, 8, 0.5),
            Row("gpt2", "gaussian", "exact", 1, 8, 9), Row("gpt2", "gaussian", "exact", 2, 8, 2), Row("toy", "gaussian", "exact", 1, 8, 1), Row("toy", "gaussian", "exact", 2, 8, 1)]);

        Assert.Equal(3, means["two_threads"], 1e-12); // √(2 · 4.5)
    }
}
