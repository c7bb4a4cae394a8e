using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests;

public sealed class PartitionCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, PartitionStrategy> Strategies => new()
    {
        { "starts", PartitionStrategy.Blocks(2, seed: 3, steps: 40, starts: 3) },
        {
            "merges", PartitionStrategy.Merge(stopAt: 2, seed: 0, new PartitionSettings
            {
                UnitSize = 2,
                BlockLength = 256,
                SearchBlocks = 2,
                InformationBlocks = 1,
                InformationBatches = 2,
                MaxSteps = 250,
                MergeStart = 30,
                MergeInterval = 30,
                LearningRate = 1e-2,
                IsAnnealed = true,
                RebaseEvery = 5,
                MergeThreshold = -10,
            })
        },
    };

    [Theory]
    [MemberData(nameof(Strategies), DisableDiscoveryEnumeration = true)]
    public void Search_that_is_stopped_again_and_again_ends_with_the_bytes_of_one_that_was_not(string name, PartitionStrategy strategy)
    {
        using var scope = NewDisposeScope();
        var rows = Rows();
        using var whole = PartitionSearch.Run(rows, site: null, strategy, progress: null, TestContext.Current.CancellationToken);

        var checkpoint = new PartitionCheckpoint(_folder[name], strategy, rows);
        PartitionResult? resumed = null;
        var stops = 0;
        // Every third step is as a rule not one after which a check for merges is due, every tenth of those is.
        for (; resumed is null && stops < 200; stops++)
        {
            using var stop = new StopAfter(steps: 3);
            try
            {
                resumed = PartitionSearch.Run(rows, site: null, strategy, checkpoint, stop, stop.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.True(File.Exists(_folder[Path.Combine(name, "checkpoint.safetensors")]));
            }
        }

        Assert.NotNull(resumed);
        using var result = resumed;
        Assert.True(stops > 20, $"{stops} stops");
        Assert.True(whole.Partition.R.contiguous().bytes.SequenceEqual(resumed.Partition.R.contiguous().bytes));
        Assert.Equal(whole.Partition.Sizes, resumed.Partition.Sizes);
        Assert.Equal(whole.Distances, resumed.Distances);
        Assert.Equal(whole.Steps, resumed.Steps);
        Assert.Equal(whole.Checks.Select(check => (check.Step, check.Groups.Count)), resumed.Checks.Select(check => (check.Step, check.Groups.Count)));
        checkpoint.Remove();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder[name]));
    }

    [Fact]
    public void Checkpoint_of_other_settings_or_other_activations_is_refused()
    {
        using var scope = NewDisposeScope();
        var (rows, strategy) = (Rows(), PartitionStrategy.Blocks(2, seed: 3, steps: 40));
        using var stop = new StopAfter(steps: 5);
        Assert.Throws<OperationCanceledException>(() => PartitionSearch.Run(rows, null, strategy, new PartitionCheckpoint(_folder["kept"], strategy, rows), stop, stop.Token));

        var settings = Assert.Throws<CheckpointException>(() => new PartitionCheckpoint(_folder["kept"], PartitionStrategy.Blocks(2, seed: 4, steps: 40), rows).Read());
        var activations = Assert.Throws<CheckpointException>(() => new PartitionCheckpoint(_folder["kept"], strategy, rows + 1).Read());

        Assert.Contains("other settings", settings.Message, StringComparison.Ordinal);
        Assert.Contains("other activations", activations.Message, StringComparison.Ordinal);
        Assert.NotNull(new PartitionCheckpoint(_folder["kept"], strategy, rows).Read());
    }

    private static Tensor Rows()
    {
        using var generator = new Generator(11);
        return randn(3000, 8, generator: generator) * linspace(1, 3, 8);
    }

    private sealed class StopAfter(int steps) : IProgress<PartitionProgress>, IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private int _seen;

        public CancellationToken Token => _stop.Token;

        public void Report(PartitionProgress value)
        {
            if (++_seen == steps)
                _stop.Cancel();
        }

        public void Dispose() => _stop.Dispose();
    }
}
