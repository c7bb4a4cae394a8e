using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Training;

/// <summary>
/// The samples of a training: validation's, drawn once, and those of every step, endless or from a finite data set, none of which is among
/// validation's.
/// </summary>
/// <remarks>
/// A sample that validation has is drawn again with the same length, up to <see cref="Redraws"/> times. Where a task has so few sequences of a
/// length that all of them are validation's (two of length 1 over two letters), the last draw is used and counted: <c>repeats</c>.
/// </remarks>
public sealed class TrainingSamples
{
    /// <summary>Draws in the place of one that validation has.</summary>
    public const int Redraws = 20;

    private readonly ITask _task;
    private readonly TrainingSettings _settings;
    private readonly int[] _lengths;
    private readonly HashSet<string> _reserved;
    private readonly List<(TaskSample Sample, bool IsRepeat)>? _dataSet;
    private (int Epoch, int[] Order) _order = (-1, []);

    /// <summary>Draws validation's samples and, where one is asked for, the data set.</summary>
    /// <exception cref="ArgumentException">The task has no problems of these lengths.</exception>
    public TrainingSamples(ITask task, TrainingSettings settings)
    {
        (_task, _settings) = (task, settings);
        Validation = TaskBatch.Draw(task, settings.From, settings.To, settings.ValidationSamples, new Random(Seeds.Of(settings.Seed, Seeds.Validation)));
        _reserved = [.. Validation.Select(Key)];
        _lengths = [.. Enumerable.Range(task.Lengths.Min, task.Lengths.Max - task.Lengths.Min + 1).Where(length => length >= settings.From && length <= settings.To && task.HasLength(length))];
        if (settings.DataSetSize > 0)
        {
            var random = new Random(Seeds.Of(settings.Seed, Seeds.DataSet));
            _dataSet = [.. Enumerable.Range(0, settings.DataSetSize).Select(_ => Draw(random))];
        }
    }

    /// <summary>Validation's samples.</summary>
    public IReadOnlyList<TaskSample> Validation { get; }

    /// <summary>The batch of a step, with the position of the first token of each sample: a function of seed and step.</summary>
    /// <param name="step">Steps done before it.</param>
    /// <returns>Samples, offsets, and how many samples validation has too.</returns>
    public (IReadOnlyList<TaskSample> Samples, int[] Offsets, int Repeats) Batch(int step)
    {
        var random = new Random(Seeds.Of(_settings.Seed, Seeds.Steps, step));
        var drawn = new (TaskSample Sample, bool IsRepeat)[_settings.BatchSize];
        for (var i = 0; i < drawn.Length; i++)
            drawn[i] = _dataSet is null ? Draw(random) : FromDataSet((long)step * drawn.Length + i);
        return ([.. drawn.Select(pair => pair.Sample)], [.. drawn.Select(pair => random.Next(pair.Sample.MaxOffset + 1))], drawn.Count(pair => pair.IsRepeat));
    }

    private (TaskSample, bool IsRepeat) FromDataSet(long index)
    {
        var (epoch, place) = Math.DivRem(index, _dataSet!.Count);
        if (_order.Epoch != epoch)
        {
            int[] order = [.. Enumerable.Range(0, _dataSet.Count)];
            new Random(Seeds.Of(_settings.Seed, Seeds.Epochs, (int)epoch)).Shuffle(order);
            _order = ((int)epoch, order);
        }

        return _dataSet[_order.Order[place]];
    }

    private (TaskSample, bool IsRepeat) Draw(Random random)
    {
        var length = _lengths[random.Next(_lengths.Length)];
        var sample = _task.Sample(length, random);
        for (var redraw = 0; redraw < Redraws && _reserved.Contains(Key(sample)); redraw++)
            sample = _task.Sample(length, random);
        return (sample, _reserved.Contains(Key(sample)));
    }

    private static string Key(TaskSample sample) => string.Create(sample.Tokens.Length, sample.Tokens, static (text, tokens) =>
    {
        for (var i = 0; i < tokens.Length; i++)
            text[i] = (char)tokens[i];
    });
}
