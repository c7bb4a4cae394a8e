namespace SubspaceCircuits.Tasks.Published;

/// <summary>
/// Sort a string of distinct tokens by their ids: <c>bos s sep sorted(s) eos</c>. Predicted: everything after <c>sep</c>
/// (decompiling-transformers, task <c>sort</c>).
/// </summary>
public sealed class Sort : ITask
{
    /// <inheritdoc/>
    public string Name => "sort";

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
        return DistinctNumbers.Answered(Vocabulary, problem, [.. problem.Order()]);
    }
}
