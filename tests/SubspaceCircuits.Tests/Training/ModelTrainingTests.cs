using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
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
            using var weights = training.Snapshot();
            return [.. weights.Named().SelectMany(pair => pair.Tensor.bytes.ToArray())];
        }

        var one = Trained(1);

        Assert.Equal(one, Trained(1));
        Assert.NotEqual(one, Trained(2));
    }

    [Fact]
    public void Gradient_is_that_of_central_differences_in_float64()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        using var start = Initialization.Gpt2(Config() with { DMlp = 8 }, generator);
        using var weights = start.To(float64);
        using var batch = new TaskBatch(TaskBatch.Draw(Task, 2, 5, 4, new Random(1)), Task.Vocabulary.Pad);
        Tensor Loss() => nn.functional.cross_entropy(Transformer.Forward(weights, batch.Tokens).flatten(0, 1), batch.Targets.flatten(), ignore_index: TaskSample.Unsupervised);
        foreach (var (_, tensor) in weights.Named())
            tensor.requires_grad_();
        Loss().backward();

        const double Step = 1e-5;
        foreach (var (name, tensor) in weights.Named().Where(pair => pair.Name.EndsWith("W_Q", StringComparison.Ordinal) || pair.Name.EndsWith("ln1.w", StringComparison.Ordinal) || pair.Name is "pos_embed.W_pos"))
        {
            using var noGrad = no_grad();
            var flat = tensor.view(-1);
            var index = flat.shape[0] / 3;
            var value = flat[index].item<double>();
            flat[index] = value + Step;
            var up = Loss().item<double>();
            flat[index] = value - Step;
            var down = Loss().item<double>();
            flat[index] = value;
            Assert.True(Math.Abs((up - down) / (2 * Step) - tensor.grad!.view(-1)[index].item<double>()) < 1e-7, name);
        }
    }

    [Fact]
    public void Cancelled_training_stops_and_settings_out_of_range_are_refused()
    {
        var training = new ModelTraining(Config(), Task, Settings(1000));

        Assert.Throws<OperationCanceledException>(() => training.Run(progress: null, new CancellationToken(canceled: true)));
        Assert.Throws<ArgumentException>(() => new ModelTraining(Config(), Task, Settings(0)));
        Assert.Throws<ArgumentException>(() => new ModelTraining(Config() with { DVocab = 5 }, Task, Settings(1)));
    }

    private static ModelConfig Config() => new() { NLayers = 2, NHeads = 1, DModel = 16, DHead = 16, DVocab = Task.Vocabulary.Tokens.Count, NCtx = Task.NCtx };

    private static TrainingSettings Settings(int steps) => new() { Steps = steps, BatchSize = 32, From = 2, To = 5, WarmUp = 10, ValidateEvery = 1000 };
}
