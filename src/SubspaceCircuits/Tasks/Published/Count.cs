namespace SubspaceCircuits.Tasks.Published;

/// <summary>
/// Count from a number to another: <c>bos start end sep start start+1 … end eos</c>. Predicted: everything after <c>sep</c>
/// (decompiling-transformers, task <c>count</c>). The length is how many numbers are counted.
/// </summary>
public sealed class Count : ITask
{
    /// <inheritdoc/>
    public string Name => "count";

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; } = DistinctNumbers.Vocabulary();

    /// <inheritdoc/>
    public (int Min, int Max) Lengths => (2, DistinctNumbers.Count);

    /// <inheritdoc/>
    public int NCtx => DistinctNumbers.Count + 5;

    /// <inheritdoc/>
    public TaskSample Sample(int length, Random random)
    {
        ProblemLength.Require(this, length);
        var start = random.Next(DistinctNumbers.Count - length + 1);
        return Questions.Answered(Vocabulary, [start, start + length - 1], [.. Enumerable.Range(start, length)], DistinctNumbers.Count - length);
    }
}
