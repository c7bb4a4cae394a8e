namespace SubspaceCircuits.Tasks.Published;

/// <summary>
/// Reverse a string of distinct tokens: <c>bos s sep sᴿ eos</c>. Predicted: everything after <c>sep</c>
/// (decompiling-transformers, task <c>unique_reverse</c>).
/// </summary>
public sealed class UniqueReverse : ITask
{
    /// <inheritdoc/>
    public string Name => "unique_reverse";

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
        return DistinctNumbers.Answered(Vocabulary, problem, [.. problem.Reverse()]);
    }
}
