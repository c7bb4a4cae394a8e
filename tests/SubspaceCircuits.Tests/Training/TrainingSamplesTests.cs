using CsCheck;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Tasks.Patterns;
using SubspaceCircuits.Training;

namespace SubspaceCircuits.Tests.Training;

public sealed class TrainingSamplesTests
{
    private static readonly UniqueTokenPattern Task = new();

    private static readonly TrainingSettings Settings = new() { From = 5, To = 8, BatchSize = 16, ValidationSamples = 60 };

    /// <summary>A task whose sequences begin at any position up to one.</summary>
    private sealed class Shifted(int most) : ITask
    {
        public string Name => Task.Name;

        public Vocabulary Vocabulary => Task.Vocabulary;

        public (int Min, int Max) Lengths => Task.Lengths;

        public int NCtx => Task.NCtx + most;

        public TaskSample Sample(int length, Random random) => Task.Sample(length, random) with { MaxOffset = most };
    }

    [Fact]
    public void Training_never_sees_a_sample_of_validation_where_the_task_has_others() => Gen.Int[0, int.MaxValue].Sample(seed =>
    {
        // 26·25 = 650 patterns of two letters, of which validation has about 60.
        var samples = new TrainingSamples(Task, Settings with { Seed = seed, From = 2, To = 2 });
        var reserved = samples.Validation.Select(Text).ToHashSet();

        var batches = Enumerable.Range(0, 10).Select(samples.Batch).ToArray();

        Assert.All(batches, batch => Assert.Equal(0, batch.Repeats));
        Assert.DoesNotContain(batches.SelectMany(batch => batch.Samples), sample => reserved.Contains(Text(sample)));
    }, iter: 50);

    [Fact]
    public void Data_set_has_no_sample_of_validation() => Gen.Int[0, int.MaxValue].Sample(seed =>
    {
        var samples = new TrainingSamples(Task, Settings with { Seed = seed, From = 2, To = 2, DataSetSize = 64 });
        var reserved = samples.Validation.Select(Text).ToHashSet();

        Assert.DoesNotContain(Enumerable.Range(0, 4).SelectMany(step => samples.Batch(step).Samples), sample => reserved.Contains(Text(sample)));
    }, iter: 50);

    [Fact]
    public void Samples_that_validation_has_too_are_counted_where_the_task_has_no_others()
    {
        // Two patterns of two letters; sixty draws have both.
        var few = new UniqueTokenPattern(characters: 2, longest: 2);
        var settings = Settings with { From = 2, To = 2 };

        Assert.Equal(16, new TrainingSamples(few, settings).Batch(3).Repeats);
        Assert.Equal(16, new TrainingSamples(few, settings with { DataSetSize = 10 }).Batch(3).Repeats);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public void Batch_of_a_step_does_not_depend_on_what_was_drawn_before(int dataSet)
    {
        var settings = Settings with { DataSetSize = dataSet, Seed = 11 };
        TrainingSamples forwards = new(Task, settings), backwards = new(Task, settings);
        string Batch(TrainingSamples from, int step) => string.Join(';', from.Batch(step).Samples.Select(Text));

        var expected = Enumerable.Range(0, 12).Select(step => Batch(forwards, step)).ToArray();

        for (var step = 11; step >= 0; step--)
            Assert.Equal(expected[step], Batch(backwards, step));
        Assert.Equal(12, expected.Distinct().Count());
        Assert.NotEqual(expected[0], Batch(new TrainingSamples(Task, settings with { Seed = 12 }), 0));
    }

    [Theory]
    [InlineData(48)] // three batches an epoch
    [InlineData(37)] // epochs end within a batch
    [InlineData(5)]  // several epochs in a batch
    public void Every_epoch_has_every_sample_of_the_data_set_once_in_another_order(int size)
    {
        var samples = new TrainingSamples(Task, Settings with { DataSetSize = size, From = 8 });
        var stream = Enumerable.Range(0, 16).SelectMany(step => samples.Batch(step).Samples).Select(Text).ToArray();

        var epochs = stream.Chunk(size).Where(epoch => epoch.Length == size).ToArray();

        Assert.InRange(epochs.Length, 5, int.MaxValue);
        Assert.Equal(size, epochs[0].Distinct().Count()); // 26!/18! patterns of eight letters: no two draws are equal
        Assert.All(epochs, epoch => Assert.Equal(epochs[0].Order(), epoch.Order()));
        Assert.All(epochs.Zip(epochs.Skip(1)).Take(4), pair => Assert.NotEqual(pair.First, pair.Second));
    }

    [Fact]
    public void Offsets_are_uniform_from_zero_to_the_greatest_that_a_sample_allows()
    {
        var samples = new TrainingSamples(new Shifted(3), Settings);

        var offsets = Enumerable.Range(0, 250).SelectMany(step => samples.Batch(step).Offsets).ToArray();

        Assert.Equal([0, 1, 2, 3], offsets.Distinct().Order());
        // 4,000 draws: a standard error of .007.
        Assert.All(Enumerable.Range(0, 4), offset => Assert.Equal(0.25, offsets.Count(found => found == offset) / 4000.0, 0.03));
        Assert.All(new TrainingSamples(Task, Settings).Batch(0).Offsets, offset => Assert.Equal(0, offset));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4000)]
    public void Lengths_are_uniform(int dataSet)
    {
        var samples = new TrainingSamples(Task, Settings with { DataSetSize = dataSet });

        var lengths = Enumerable.Range(0, 250).SelectMany(step => samples.Batch(step).Samples).Select(sample => sample.Tokens.Length / 2).ToArray();

        Assert.Equal([5, 6, 7, 8], lengths.Distinct().Order());
        Assert.All(Enumerable.Range(5, 4), length => Assert.Equal(0.25, lengths.Count(found => found == length) / 4000.0, 0.03));
    }

    [Fact]
    public void Lengths_far_beyond_those_of_the_task_are_cut_to_them_at_once()
    {
        var samples = new TrainingSamples(Task, Settings with { From = 9, To = int.MaxValue });

        Assert.All(samples.Batch(0).Samples, sample => Assert.InRange(sample.Tokens.Length, 19, 21));
    }

    private static string Text(TaskSample sample) => string.Join(' ', sample.Tokens);
}
