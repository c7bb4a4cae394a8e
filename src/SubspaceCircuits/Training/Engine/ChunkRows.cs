using SubspaceCircuits.Tasks;
using static SubspaceCircuits.Training.Engine.Lanes;

namespace SubspaceCircuits.Training.Engine;

/// <summary>
/// The sequences of a chunk laid out one after the other, without padding, each up to the last position whose prediction counts; and which rows
/// a block writes.
/// </summary>
/// <param name="Sequences">The sequences.</param>
/// <param name="Count">Rows read.</param>
/// <param name="Written">Rows written.</param>
/// <param name="Rows">For each written row the row that it is of; null when all are written.</param>
internal sealed record ChunkRows(IReadOnlyList<SequenceRows> Sequences, int Count, int Written, int[]? Rows)
{
    public bool IsAll => Rows is null;

    /// <summary>All rows.</summary>
    public static ChunkRows All(IReadOnlyList<TaskSample> samples)
    {
        List<SequenceRows> sequences = [];
        var count = 0;
        foreach (var length in samples.Select(Length))
        {
            sequences.Add(new SequenceRows(count, length, count, [.. Enumerable.Range(0, length)]));
            count += length;
        }

        return new ChunkRows(sequences, count, count, null);
    }

    /// <summary>All rows are read, those whose prediction counts are written.</summary>
    public static ChunkRows Predicting(IReadOnlyList<TaskSample> samples)
    {
        List<SequenceRows> sequences = [];
        List<int> rows = [];
        var count = 0;
        foreach (var sample in samples)
        {
            var length = Length(sample);
            int[] positions = [.. Enumerable.Range(0, length).Where(position => sample.LossTargets[position] != TaskSample.Unsupervised)];
            sequences.Add(new SequenceRows(count, length, rows.Count, positions));
            foreach (var position in positions)
                rows.Add(count + position);
            count += length;
        }

        return new ChunkRows(sequences, count, rows.Count, rows.Count == count ? null : [.. rows]);
    }

    /// <summary>Positions up to the last whose prediction counts.</summary>
    public static int Length(TaskSample sample) => Array.FindLastIndex(sample.LossTargets, target => target != TaskSample.Unsupervised) + 1;

    /// <summary>The written rows of a matrix; the matrix itself when all are written and no copy is asked for.</summary>
    public float[] Gather(float[] from, int width, ref float[] to, bool isCopy = false)
    {
        if (Rows is null && !isCopy)
            return from;
        Ensure(ref to, Written * width);
        if (Rows is null)
            from.AsSpan(0, Written * width).CopyTo(to);
        for (var row = 0; Rows is not null && row < Written; row++)
            from.AsSpan(Rows[row] * width, width).CopyTo(to.AsSpan(row * width));
        return to;
    }

    /// <summary>Adds written rows to the rows that they are of.</summary>
    public void ScatterAdd(float[] from, int width, float[] to)
    {
        if (Rows is null)
            Add(ref At(from), ref At(to), Written * width);
        for (var row = 0; Rows is not null && row < Written; row++)
            Add(ref At(from, row * width), ref At(to, Rows[row] * width), width);
    }
}
