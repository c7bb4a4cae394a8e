using SubspaceCircuits.Activations;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Published;

namespace SubspaceCircuits.Tests.Subspaces;

/// <summary>The engine against the published operations in libtorch, in float64, on the same data.</summary>
public sealed class EagerAgreementTests
{
    [Theory]
    [InlineData(4, SearchMode.Exact)]   // trees
    [InlineData(12, SearchMode.Exact)]  // candidates
    [InlineData(12, SearchMode.Lookahead)]
    public void Training_follows_the_published_operations(int unit, SearchMode search)
    {
        using var scope = NewDisposeScope();
        var settings = new PartitionSettings { UnitSize = unit, BlockLength = 512, SearchBlocks = 2, BatchSize = 64, Search = search };
        using ActivationBuffer eagerBuffer = Buffer(512), buffer = Buffer(512);
        using var eager = new EagerPartitionTraining(eagerBuffer, eye(24, dtype: float64), settings);
        using var training = new PartitionTraining(buffer, eye(24), settings);

        for (var step = 0; step < 200; step++)
        {
            var (expected, found) = (eager.Step(), training.Step(TestContext.Current.CancellationToken));
            Near.Equal(1, found.Loss / expected.Loss, search is SearchMode.Exact ? 1e-5 : 1e-4);
        }

        Assert.True(Near.Difference(eye(24), training.CurrentRotation()) > 0.01, "It should have moved, or the test says nothing.");
        Near.Equal(eager.CurrentRotation(), training.CurrentRotation(), search is SearchMode.Exact ? 1e-4 : 2e-3);
    }

    [Fact]
    public void Merges_are_those_of_the_published_operations()
    {
        using var scope = NewDisposeScope();
        var settings = new PartitionSettings { UnitSize = 3, BlockLength = 512, SearchBlocks = 1, BatchSize = 64, InformationBatches = 6, InformationBlocks = 2, MergeThreshold = -1 };
        using ActivationBuffer eagerBuffer = Buffer(512), buffer = Buffer(512);
        using var eager = new EagerPartitionTraining(eagerBuffer, eye(24, dtype: float64), settings);
        using var training = new PartitionTraining(buffer, eye(24), settings);

        for (var round = 0; round < 4; round++)
        {
            for (var step = 0; step < 20; step++)
            {
                eager.Step();
                training.Step(TestContext.Current.CancellationToken);
            }

            var expected = eager.TryMerge(TestContext.Current.CancellationToken);
            training.TryMerge(TestContext.Current.CancellationToken);

            foreach (var (a, b) in expected.NormalizedInformation.Cast<double>().Zip(training.Checks[^1].NormalizedInformation.Cast<double>()))
                Assert.True(double.IsNaN(a) ? double.IsNaN(b) : Math.Abs(a - b) < 1e-3, $"{a:g6}, {b:g6}");
            Assert.Equal(expected.Groups, training.Checks[^1].Groups);
            Assert.Equal(eager.Sizes, training.Sizes);
        }
    }

    [Theory]
    [InlineData(UpdateMode.Exact)]
    [InlineData(UpdateMode.Fast)]
    public void A_training_that_goes_on_from_a_state_takes_the_same_steps(UpdateMode update)
    {
        using var scope = NewDisposeScope();
        var settings = new PartitionSettings { UnitSize = 8, BlockLength = 300, SearchBlocks = 2, BatchSize = 70, Update = update, InformationBatches = 2, MergeThreshold = -1 };
        var cancellation = TestContext.Current.CancellationToken;
        using ActivationBuffer first = Buffer(300), second = Buffer(300);
        using var training = new PartitionTraining(first, eye(24), settings);
        for (var step = 0; step < 9; step++)
            training.Step(cancellation);
        training.TryMerge(cancellation);
        training.Step(cancellation);

        using var resumed = new PartitionTraining(second, training.State(), settings);
        for (var step = 0; step < 9; step++)
            Assert.Equal(training.Step(cancellation).Loss, resumed.Step(cancellation).Loss);

        Assert.Equal(training.CurrentRotation().data<float>().ToArray(), resumed.CurrentRotation().data<float>().ToArray());
        Assert.Equal((training.StepsDone, training.Checks.Count), (resumed.StepsDone, resumed.Checks.Count));
    }

    [Fact]
    public void Any_number_of_threads_takes_the_same_steps()
    {
        using var scope = NewDisposeScope();
        float[] After(int threads)
        {
            using var buffer = Buffer(500);
            using var training = new PartitionTraining(buffer, eye(24), new PartitionSettings { UnitSize = 10, BlockLength = 500, SearchBlocks = 2, BatchSize = 50, Threads = threads });
            for (var step = 0; step < 12; step++)
                training.Step(TestContext.Current.CancellationToken);
            return training.CurrentRotation().data<float>().ToArray();
        }

        Assert.Equal(After(1), After(2));
    }

    /// <summary>Features in groups, each strong or absent, in float16, and noise.</summary>
    private static ActivationBuffer Buffer(int blockLength)
    {
        var generator = new Generator(9);
        var groups = Enumerable.Range(0, 4).Select(_ => randn(5, 24, generator: generator).index_select(0, randint(5, [6000], dtype: int64, generator: generator)) * rand(6000, 1, generator: generator));
        var rows = groups.Aggregate((a, b) => a + b) + 0.05f * randn(6000, 24, generator: generator);
        return new ActivationBuffer(new ShuffledSource(rows.to(float16), new Generator(10)), blockLength, refillBlocks: 4);
    }
}
