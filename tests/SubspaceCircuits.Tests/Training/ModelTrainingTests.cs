using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks.Patterns;
using SubspaceCircuits.Training;

namespace SubspaceCircuits.Tests.Training;

public sealed class ModelTrainingTests
{
    private static readonly UniqueTokenPattern Task = new(characters: 8, longest: 5);

    [Fact]
    public void Training_lowers_the_loss_below_that_of_guessing()
    {
        var training = new ModelTraining(Config(), Task, Settings(400));

        var first = training.Step().Loss;
        List<double> losses = [];
        while (training.StepsDone < 400)
            losses.Add(training.Step().Loss);
        var last = losses.TakeLast(20).Average();

        Assert.InRange(first, Math.Log(12) - 0.8, Math.Log(12) + 0.8); // 12 tokens, about uniform at the start
        Assert.InRange(last, 0, Math.Log(5));                          // at most five letters are in a pattern
    }

    [Fact]
    public void Same_seed_gives_the_same_weights_byte_for_byte_and_another_seed_others()
    {
        byte[] Trained(int seed)
        {
            var training = new ModelTraining(Config(), Task, Settings(12) with { Seed = seed });
            training.Run(progress: null, TestContext.Current.CancellationToken);
            return Bytes(training);
        }

        var one = Trained(1);

        Assert.Equal(one, Trained(1));
        Assert.NotEqual(one, Trained(2));
    }

    [Fact]
    public void Threads_do_not_change_a_byte()
    {
        byte[] Trained(int threads)
        {
            var training = new ModelTraining(Config() with { DMlp = 24 }, Task, Settings(30) with { Dropout = 0.1 }, threads);
            training.Run(progress: null, TestContext.Current.CancellationToken);
            return Bytes(training);
        }

        Assert.Equal(Trained(1), Trained(2));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void Training_that_goes_on_from_a_state_ends_with_the_same_bytes(int dataSet)
    {
        var settings = Settings(40) with { Dropout = 0.2, DataSetSize = dataSet, ValidateEvery = 15 };
        var whole = new ModelTraining(Config(), Task, settings);
        whole.Run(progress: null, TestContext.Current.CancellationToken);
        var stopped = new ModelTraining(Config(), Task, settings);
        while (stopped.StepsDone < 17)
            stopped.Step();

        var resumed = new ModelTraining(Config(), Task, settings);
        resumed.Restore(stopped.Save());
        resumed.Run(progress: null, TestContext.Current.CancellationToken);

        Assert.Equal(Bytes(whole), Bytes(resumed));
        Assert.Equal(whole.RepeatShare, resumed.RepeatShare);
        Assert.Equal(whole.FinalAccuracy(), resumed.FinalAccuracy());
        var wider = new ModelTraining(Config() with { DModel = 24, DHead = 24 }, Task, settings);
        Assert.Contains("parameters, but the model has", Assert.Throws<ArgumentException>(() => wider.Restore(stopped.Save())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_stops_at_the_first_validation_that_reaches_the_target()
    {
        var training = new ModelTraining(Config(), Task, Settings(1000) with { ValidateEvery = 7, TargetAccuracy = 0 });

        training.Run(progress: null, TestContext.Current.CancellationToken);

        Assert.Equal(7, training.StepsDone);
    }

    [Fact]
    public void Rate_that_is_too_high_ends_in_one_clear_error()
    {
        var training = new ModelTraining(Config(), Task, Settings(200) with { LearningRate = 1e30, WarmUp = 0 });

        var error = Assert.Throws<InvalidOperationException>(() => training.Run(progress: null, TestContext.Current.CancellationToken));

        Assert.Contains("Lower the learning rate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Models_that_cannot_be_trained_on_the_task_are_refused()
    {
        string Refused(ModelConfig config) => Assert.Throws<ArgumentException>(() => new ModelTraining(config, Task, Settings(1))).Message;

        Assert.Contains("not the exact gelu", Refused(Config() with { DMlp = 8, Activation = Activation.Gelu }), StringComparison.Ordinal);
        Assert.Contains("has 7 positions, but problems of lengths 2-5 need 11", Refused(Config() with { NCtx = 7 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelled_training_stops_and_settings_out_of_range_are_refused()
    {
        var training = new ModelTraining(Config(), Task, Settings(1000));

        Assert.Throws<OperationCanceledException>(() => training.Run(progress: null, new CancellationToken(canceled: true)));
        Assert.Throws<ArgumentException>(() => new ModelTraining(Config(), Task, Settings(0)));
        Assert.Throws<ArgumentException>(() => new ModelTraining(Config() with { DVocab = 5 }, Task, Settings(1)));
    }

    private static byte[] Bytes(ModelTraining training)
    {
        using var weights = training.Snapshot();
        return [.. weights.Named().SelectMany(pair => pair.Tensor.bytes.ToArray())];
    }

    private static ModelConfig Config() => new() { NLayers = 2, NHeads = 1, DModel = 16, DHead = 16, DVocab = Task.Vocabulary.Tokens.Count, NCtx = Task.NCtx };

    private static TrainingSettings Settings(int steps) => new() { Steps = steps, BatchSize = 32, From = 2, To = 5, WarmUp = 10, ValidateEvery = 1000 };
}
