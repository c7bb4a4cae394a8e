namespace SubspaceCircuits.Tasks;

/// <summary>Samples as tensors: one sequence per row, padded on the right. Owns its tensors and disposes them.</summary>
public sealed class TaskBatch : IDisposable
{
    /// <summary>Packs samples; rows are filled with <paramref name="pad"/>, which no position before it can see.</summary>
    /// <param name="samples">At least one.</param>
    /// <param name="pad">Id of the token that fills rows up; the task's last, so that it also tells how many tokens there are.</param>
    /// <param name="device">Where the tensors go.</param>
    public TaskBatch(IReadOnlyList<TaskSample> samples, int pad, Device? device = null)
    {
        if (samples.Count == 0)
            throw new ArgumentException("A batch needs at least one sample.");
        var width = samples.Max(sample => sample.Tokens.Length);
        var tokens = new long[samples.Count * width];
        var targets = new long[samples.Count * width];
        Array.Fill(tokens, pad);
        Array.Fill(targets, TaskSample.Unsupervised);
        for (var row = 0; row < samples.Count; row++)
        {
            for (var position = 0; position < samples[row].Tokens.Length; position++)
            {
                tokens[row * width + position] = samples[row].Tokens[position];
                targets[row * width + position] = samples[row].Targets[position];
            }
        }

        Samples = samples;
        NextSets = Sets(samples, width, pad + 1, device);
        Tokens = tensor(tokens, [samples.Count, width], device: device).DetachFromDisposeScope();
        Targets = tensor(targets, [samples.Count, width], device: device).DetachFromDisposeScope();
    }

    /// <summary>Which tokens may come next, in tasks scored by sets; null in others. Booleans. [batch, pos, vocab of the task]</summary>
    public Tensor? NextSets { get; }

    /// <summary>The samples, one a row.</summary>
    public IReadOnlyList<TaskSample> Samples { get; }

    /// <summary>Token ids. [batch, pos]</summary>
    public Tensor Tokens { get; }

    /// <summary>What must come next, or <see cref="TaskSample.Unsupervised"/>. [batch, pos]</summary>
    public Tensor Targets { get; }

    /// <summary>1 where a token stands, 0 where padding does; in the caller's dispose scope. [batch, pos], float64</summary>
    public Tensor IsToken()
    {
        using var scope = NewDisposeScope();
        var lengths = tensor(Samples.Select(sample => (long)sample.Tokens.Length).ToArray(), device: Tokens.device);
        return arange(Tokens.shape[1], device: Tokens.device).unsqueeze(0).lt(lengths.unsqueeze(1)).to(float64).MoveToOuterDisposeScope();
    }

    /// <summary>Draws samples whose lengths are uniform among those that the task has in a range.</summary>
    public static List<TaskSample> Draw(ITask task, int from, int to, int count, Random random)
    {
        var lengths = LengthsIn(task, from, to, count);
        return [.. Enumerable.Range(0, count).Select(_ => task.Sample(lengths[random.Next(lengths.Length)], random))];
    }

    /// <summary>
    /// As <see cref="Draw"/>, with the lengths spread evenly: the range is cut into as many equal parts as samples, and each sample's length
    /// is uniform in its part. An average over them has the same mean and varies less, much less where it depends on the length.
    /// </summary>
    public static List<TaskSample> DrawEvenly(ITask task, int from, int to, int count, Random random)
    {
        var lengths = LengthsIn(task, from, to, count);
        return [.. Enumerable.Range(0, count).Select(i => task.Sample(lengths[(int)(((long)i * lengths.Length + random.Next(lengths.Length)) / count)], random))];
    }

    private static int[] LengthsIn(ITask task, int from, int to, int count)
    {
        var (min, max) = task.Lengths;
        if (from > to || from > max || to < min)
            throw new ArgumentException($"{task.Name} has lengths {min} to {max}, but {from}-{to} were asked for.");
        if (count < 1)
            throw new ArgumentOutOfRangeException(nameof(count), $"At least 1 sample is needed, but {count} were asked for.");
        (from, to) = (Math.Max(from, min), Math.Min(to, max));
        int[] lengths = [.. Enumerable.Range(from, to - from + 1).Where(task.HasLength)];
        return lengths.Length > 0 ? lengths : throw new ArgumentException($"{task.Name} has no problem of a length in {from}-{to}.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Tokens.Dispose();
        Targets.Dispose();
        NextSets?.Dispose();
    }

    private static Tensor? Sets(IReadOnlyList<TaskSample> samples, int width, int vocabulary, Device? device)
    {
        if (samples[0].NextSets is null)
            return null;
        var allowed = new bool[samples.Count * width * vocabulary];
        for (var row = 0; row < samples.Count; row++)
        {
            var sets = samples[row].NextSets ?? throw new ArgumentException("Samples of one batch should all have sets of next tokens, or none.");
            for (var position = 0; position < sets.Count; position++)
            {
                foreach (var token in sets[position] ?? [])
                    allowed[(row * width + position) * vocabulary + token] = true;
            }
        }

        return tensor(allowed, [samples.Count, width, vocabulary], device: device).DetachFromDisposeScope();
    }
}
