namespace SubspaceCircuits.Tasks.Published;

/// <summary>
/// Copy a string of independent letters: <c>bos s sep s eos</c>, <c>s</c> uniform over <c>{a, b}*</c>. Predicted: everything after
/// <c>sep</c> (decompiling-transformers, task <c>repeat_copy</c>).
/// </summary>
public sealed class RepeatCopy : ITask
{
    /// <inheritdoc/>
    public string Name => "repeat_copy";

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; } = Vocabulary.WithSpecials(["a", "b"]);

    /// <inheritdoc/>
    public (int Min, int Max) Lengths => (1, Questions.Longest);

    /// <inheritdoc/>
    public int NCtx => 2 * Questions.Longest + 3;

    /// <inheritdoc/>
    public TaskSample Sample(int length, Random random)
    {
        ProblemLength.Require(this, length);
        int[] problem = random.GetItems((int[])[0, 1], length);
        return Questions.Answered(Vocabulary, problem, problem, 2 * (Questions.Longest - length));
    }
}
