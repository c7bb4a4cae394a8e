namespace SubspaceCircuits.Tasks.Published;

/// <summary>
/// Copy a string of distinct tokens: <c>bos s sep s eos</c>. Predicted: everything after <c>sep</c>
/// (decompiling-transformers, task <c>unique_copy</c>).
/// </summary>
public sealed class UniqueCopy : ITask
{
    /// <inheritdoc/>
    public string Name => "unique_copy";

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; } = DistinctNumbers.Vocabulary();

    /// <inheritdoc/>
    public (int Min, int Max) Lengths => (1, DistinctNumbers.Count);

    /// <inheritdoc/>
    public int NCtx => 2 * DistinctNumbers.Count + 3;

    /// <inheritdoc/>
    public TaskSample Sample(int length, Random random)
    {
        ProblemLength.Require(this, length);
        var problem = DistinctNumbers.Draw(length, random);
        return DistinctNumbers.Answered(Vocabulary, problem, problem);
    }
}
