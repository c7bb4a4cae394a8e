namespace SubspaceCircuits.Tasks.Published;

/// <summary>
/// Whether the number of ones is odd: <c>bos bits sep parity</c>, the number of ones uniform. Predicted: the parity, <c>0</c> or <c>1</c>
/// (decompiling-transformers, task <c>parity</c>).
/// </summary>
public sealed class Parity : ITask
{
    /// <inheritdoc/>
    public string Name => "parity";

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; } = Bits.Vocabulary();

    /// <inheritdoc/>
    public (int Min, int Max) Lengths => (0, Questions.Longest);

    /// <inheritdoc/>
    public int NCtx => Questions.Longest + 4;

    /// <inheritdoc/>
    public TaskSample Sample(int length, Random random)
    {
        ProblemLength.Require(this, length);
        var ones = random.Next(length + 1);
        return Questions.AnsweredWithoutEnd(Vocabulary, Bits.Draw(length, ones, random), ones % 2, Questions.Longest - length);
    }
}
