using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Interventions.Heads;

/// <summary>Samples, each with a donor: another random sample with as many tokens.</summary>
/// <param name="Samples">What is measured.</param>
/// <param name="Donors">One for each sample; the sample itself where the task has no other sequence of this length.</param>
public sealed record PairedSamples(IReadOnlyList<TaskSample> Samples, IReadOnlyList<TaskSample> Donors)
{
    private const int Redraws = 20;

    /// <summary>How many samples are their own donors: there, resampling changes nothing.</summary>
    public int WithoutDonor => Samples.Zip(Donors, ReferenceEquals).Count(isSame => isSame);

    /// <summary>Draws samples whose lengths are uniform among those that the task has in a range, and their donors.</summary>
    /// <exception cref="ArgumentException">The task has no problem of such a length, or no samples are asked for.</exception>
    public static PairedSamples Draw(ITask task, int from, int to, int count, Random random)
    {
        if (count < 1)
            throw new ArgumentException($"At least 1 sample is needed, but {count} were asked for.");
        int[] lengths = [.. Enumerable.Range(from, Math.Max(0, to - from + 1)).Where(task.HasLength)];
        if (lengths.Length == 0)
            throw new ArgumentException($"{task.Name} has no problem of a length in {from}-{to}; its lengths are {task.Lengths.Min} to {task.Lengths.Max}.");
        List<TaskSample> samples = [], donors = [];
        for (var i = 0; i < count; i++)
        {
            var length = lengths[random.Next(lengths.Length)];
            samples.Add(task.Sample(length, random));
            donors.Add(Another(task, length, samples[i], random));
        }

        return new PairedSamples(samples, donors);
    }

    private static TaskSample Another(ITask task, int length, TaskSample sample, Random random)
    {
        for (var redraw = 0; redraw < Redraws; redraw++)
        {
            var other = task.Sample(length, random);
            if (other.Tokens.Length == sample.Tokens.Length && !other.Tokens.AsSpan().SequenceEqual(sample.Tokens))
                return other;
        }

        return sample;
    }
}
