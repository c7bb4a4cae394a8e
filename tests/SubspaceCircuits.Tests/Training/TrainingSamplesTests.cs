using CsCheck;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Tasks.Patterns;
using SubspaceCircuits.Training;

namespace SubspaceCircuits.Tests.Training;

public sealed class TrainingSamplesTests
{
    private static readonly UniqueTokenPattern Task = new(characters: 12, longest: 6);
    private static readonly TrainingSettings Settings = new() { BatchSize = 16, From = 4, To = 6, ValidationSamples = 200 };

    // There are 11,880 patterns of four letters: 20 redraws never all hit validation's 200.
    [Fact]
    public void No_training_sample_is_validations_where_the_task_has_enough() => Gen.Int[0, 1_000_000].Sample(seed =>
    {
        var samples = new TrainingSamples(Task, Settings with { Seed = seed });
        var reserved = samples.Validation.Select(Text).ToHashSet();

        for (var step = 0; step < 20; step++)
        {
            var (drawn, _, repeats) = samples.Batch(step);
            Assert.Equal(0, repeats);
            Assert.DoesNotContain(drawn, sample => reserved.Contains(Text(sample)));
        }
    }, iter: 20, threads: 1);

    [Fact]
    public void Repeats_are_counted_where_the_task_has_too_few()
    {
        var task = TaskRegistry.Find("bce_tomita1");
        var samples = new TrainingSamples(task, Settings with { From = 1, To = 3, ValidationSamples = 50 });

        Assert.Equal(16, samples.Batch(0).Repeats); // one word of every length, all of them validation's
    }

    [Theory]
    [InlineData(0)]
    [InlineData(37)]
    public void Batch_is_a_function_of_seed_and_step(int dataSet)
    {
        var settings = Settings with { DataSetSize = dataSet };
        TrainingSamples one = new(Task, settings), two = new(Task, settings);
        int[] steps = [0, 7, 3, 40, 3];

        var first = steps.Select(step => Texts(one.Batch(step))).ToArray();
        var second = steps.Reverse().Select(step => Texts(two.Batch(step))).Reverse().ToArray();

        Assert.Equal(first, second);
        Assert.Equal(first[2], first[4]);
        Assert.NotEqual(first[0], first[1]);
        Assert.NotEqual(first[0], Texts(new TrainingSamples(Task, settings with { Seed = 1 }).Batch(0)));
    }

    [Fact]
    public void Every_epoch_of_a_data_set_has_every_sample_once_in_another_order()
    {
        var samples = new TrainingSamples(Task, Settings with { DataSetSize = 40, BatchSize = 16 }); // batches cross the ends of epochs

        var drawn = Enumerable.Range(0, 10).SelectMany(step => samples.Batch(step).Samples).ToArray();
        TaskSample[] first = drawn[..40], second = drawn[40..80];

        Assert.Equal(40, first.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.Equal(first.ToHashSet(ReferenceEqualityComparer.Instance), second.ToHashSet(ReferenceEqualityComparer.Instance));
        Assert.NotEqual(first.Select(Text), second.Select(Text));
    }

    [Fact]
    public void Offsets_and_lengths_are_uniform_within_their_bounds()
    {
        var task = TaskRegistry.Find("unique_copy");
        var samples = new TrainingSamples(task, Settings with { From = 148, To = 150, BatchSize = 100 });

        var drawn = Enumerable.Range(0, 60).Select(samples.Batch).SelectMany(batch => batch.Samples.Zip(batch.Offsets)).ToArray();

        Assert.All(drawn, pair => Assert.InRange(pair.Second, 0, pair.First.MaxOffset));
        // Length 148 may be moved by 0 to 4: about 2,000 draws of 5 places; 6,000 of 3 lengths. Six standard errors.
        var short148 = drawn.Where(pair => pair.First.MaxOffset == 4).ToArray();
        for (var offset = 0; offset <= 4; offset++)
            Assert.Equal(0.2, short148.Count(pair => pair.Second == offset) / (double)short148.Length, 0.054);
        Assert.Equal(1 / 3.0, short148.Length / 6000.0, 0.037);
    }

    private static string Text(TaskSample sample) => string.Join(' ', sample.Tokens);

    private static string[] Texts((IReadOnlyList<TaskSample> Samples, int[] Offsets, int Repeats) batch) => [.. batch.Samples.Select(Text)];
}
