using SubspaceCircuits.Activations;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests.Subspaces;

public sealed class PartitionTrainingTests
{
    private static readonly PartitionSettings Settings = new()
    {
        UnitSize = 2,
        BatchSize = 64,
        BlockLength = 1024,
        SearchBlocks = 1,
        MaxSteps = 400,
        MergeStart = int.MaxValue,
        LearningRate = 0.02,
        InformationBatches = 4,
        InformationBlocks = 1,
    };

    [Fact]
    public void Training_finds_two_independent_groups_that_a_rotation_hides()
    {
        using var scope = NewDisposeScope();
        var hidden = Rotation.Random(4, new Generator(1));
        using var source = new ShuffledSource(TwoGroups().matmul(hidden.T), new Generator(2));
        using var buffer = new ActivationBuffer(source, Settings.BlockLength, 4);
        using var training = new PartitionTraining(buffer, eye(4), Settings);
        List<double> losses = [];

        training.Run(new Collected(progress => losses.Add(progress.Loss)), TestContext.Current.CancellationToken);

        Assert.Equal(400, training.StepsDone);
        Assert.True(losses[^20..].Average() < 0.7 * losses[..20].Average(), $"The loss went from {losses[..20].Average():g3} to {losses[^20..].Average():g3}.");
        // ‖P Q‖²/2 of the found and the hidden plane is 1 when they are the same; which one comes first is open.
        var found = training.CurrentRotation();
        var overlap = found.narrow(1, 0, 2).T.matmul(hidden.narrow(1, 0, 2)).square().sum().item<float>() / 2;
        Assert.True(Math.Max(overlap, 1 - overlap) > 0.98, $"The overlap is {overlap:g4}.");
    }

    [Fact]
    public void Merging_ends_at_the_wanted_number_of_subspaces()
    {
        using var scope = NewDisposeScope();
        var settings = Settings with { UnitSize = 1, MergeStart = 10, MergeInterval = 5, MergeThreshold = -10, StopAt = 2 };
        using var source = new ShuffledSource(randn(5000, 5, generator: new Generator(3)), new Generator(4));
        using var buffer = new ActivationBuffer(source, settings.BlockLength, 4);
        using var training = new PartitionTraining(buffer, eye(5), settings);

        training.Run(cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(2, training.Sizes.Count);
        Assert.Equal(5, training.Sizes.Sum());
        Assert.Equal([10, 15, 20], training.Checks.Select(check => check.Step));
        Assert.Equal(25, training.StepsDone); // the next check finds the target reached
        Assert.InRange(Rotation.OrthogonalityError(training.CurrentRotation()), 0, 1e-6);
    }

    [Fact]
    public void The_last_merge_does_not_go_below_the_wanted_number()
    {
        using var scope = NewDisposeScope();
        var settings = Settings with { UnitSize = 1, MergeStart = 2, MergeInterval = 2, MergeThreshold = -10, StopAt = 15 };
        using var source = new ShuffledSource(randn(5000, 16, generator: new Generator(3)), new Generator(4));
        using var buffer = new ActivationBuffer(source, settings.BlockLength, 4);
        using var training = new PartitionTraining(buffer, eye(16), settings);

        training.Run(cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(15, training.Sizes.Count); // the rule would merge two pairs of 16
    }

    [Fact]
    public void A_merge_keeps_the_rotation_up_to_the_order_of_its_columns()
    {
        using var scope = NewDisposeScope();
        using var source = new ShuffledSource(randn(5000, 6, generator: new Generator(3)), new Generator(4));
        using var buffer = new ActivationBuffer(source, Settings.BlockLength, 4);
        using var training = new PartitionTraining(buffer, eye(6), Settings with { MergeThreshold = -10 });
        training.Step(TestContext.Current.CancellationToken);
        var before = training.CurrentRotation();

        Assert.True(training.TryMerge(TestContext.Current.CancellationToken));

        var order = training.Checks[^1].Groups.SelectMany(group => group).SelectMany(unit => new long[] { 2 * unit, 2 * unit + 1 }).ToArray();
        Near.Equal(before.index_select(1, tensor(order)), training.CurrentRotation(), 1e-7); // a polish of float32 rounding
        Assert.Equal([4, 2], training.Sizes);
    }

    [Fact]
    public void Training_ends_when_no_pair_qualifies()
    {
        using var scope = NewDisposeScope();
        var settings = Settings with { MergeStart = 10, MergeThreshold = 100 };
        using var source = new ShuffledSource(randn(5000, 4, generator: new Generator(3)), new Generator(4));
        using var buffer = new ActivationBuffer(source, settings.BlockLength, 4);
        using var training = new PartitionTraining(buffer, eye(4), settings);

        training.Run(cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(10, training.StepsDone);
        Assert.Empty(Assert.Single(training.Checks).Groups);
        Assert.Equal([2, 2], training.Sizes);
    }

    [Fact]
    public void Same_seed_same_rotation()
    {
        using var scope = NewDisposeScope();
        Tensor Trained()
        {
            using var source = new ShuffledSource(TwoGroups(), new Generator(5));
            using var buffer = new ActivationBuffer(source, Settings.BlockLength, 4);
            using var training = new PartitionTraining(buffer, Rotation.Random(4, new Generator(6)), Settings with { MaxSteps = 130, MergeStart = 10, MergeThreshold = -10, StopAt = 1 });
            training.Run(cancellation: TestContext.Current.CancellationToken);
            return training.CurrentRotation();
        }

        Near.Equal(Trained(), Trained(), 0);
    }

    [Fact]
    public void Cancellation_ends_the_training_between_two_steps()
    {
        using var scope = NewDisposeScope();
        using var cancellation = new CancellationTokenSource();
        using var source = new ShuffledSource(TwoGroups(), new Generator(5));
        using var buffer = new ActivationBuffer(source, Settings.BlockLength, 4);
        using var training = new PartitionTraining(buffer, eye(4), Settings);
        var progress = new Collected(progress =>
        {
            if (progress.Step == 3)
                cancellation.Cancel();
        });

        Assert.Throws<OperationCanceledException>(() => training.Run(progress, cancellation.Token));

        Assert.Equal(3, training.StepsDone);
    }

    [Fact]
    public void Steps_and_merges_leave_no_tensors_behind()
    {
        using var scope = NewDisposeScope();
        using var source = new ShuffledSource(TwoGroups(), new Generator(5));
        using var buffer = new ActivationBuffer(source, Settings.BlockLength, refillBlocks: 4);
        using var training = new PartitionTraining(buffer, eye(4), Settings with { UnitSize = 1, MergeThreshold = -10 });
        long Live() => DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        training.Step(TestContext.Current.CancellationToken);
        var before = Live();

        for (var step = 0; step < 10; step++) // 640 queries: still the first block
            training.Step(TestContext.Current.CancellationToken);
        Assert.Equal(before, Live());

        Assert.True(training.TryMerge(TestContext.Current.CancellationToken));
        training.Step(TestContext.Current.CancellationToken);
        Assert.Equal(before, Live());
    }

    [Fact]
    public void The_learning_rate_falls_to_nothing_when_annealed()
    {
        using var scope = NewDisposeScope();
        using var source = new ShuffledSource(TwoGroups(), new Generator(5));
        using var buffer = new ActivationBuffer(source, Settings.BlockLength, 4);
        using var training = new PartitionTraining(buffer, eye(4), Settings with { MaxSteps = 60, MergeStart = 60, IsAnnealed = true });
        List<double> moves = [];
        var previous = training.CurrentRotation();

        training.Run(new Collected(_ =>
        {
            var rotation = training.CurrentRotation();
            moves.Add(Near.Difference(previous, rotation));
            previous = rotation;
        }), TestContext.Current.CancellationToken);

        Assert.True(moves[..5].Average() > 20 * moves[^5..].Average(), $"It moved by {moves[..5].Average():g3} a step at first, by {moves[^5..].Average():g3} at the end.");
    }

    /// <summary>Two independent planes; in each one of three features is active, with a strength.</summary>
    private static Tensor TwoGroups()
    {
        var generator = new Generator(9);
        var features = tensor(new float[] { 0.2f, 1, -0.9f, -0.4f, 0.8f, -0.6f }, [3, 2]);
        Tensor Group() => features.index_select(0, randint(3, [6000], dtype: int64, generator: generator)) * rand(6000, 1, generator: generator);
        return cat([Group(), Group()], dim: 1);
    }

    private sealed class Collected(Action<PartitionProgress> report) : IProgress<PartitionProgress>
    {
        public void Report(PartitionProgress value) => report(value);
    }
}
