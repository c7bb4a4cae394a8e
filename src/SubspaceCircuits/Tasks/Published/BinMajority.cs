namespace SubspaceCircuits.Tasks.Published;

/// <summary>
/// The more frequent bit: <c>bos bits sep bit</c>, the number of zeros uniform among those without a tie. Predicted: the bit
/// (decompiling-transformers, task <c>bin_majority</c>).
/// </summary>
public sealed class BinMajority : ITask
{
    /// <inheritdoc/>
    public string Name => "bin_majority";

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; } = Bits.Vocabulary();

    /// <inheritdoc/>
    public (int Min, int Max) Lengths => (1, Questions.Longest);

    /// <inheritdoc/>
    public int NCtx => Questions.Longest + 4;

    /// <inheritdoc/>
    public TaskSample Sample(int length, Random random)
    {
        ProblemLength.Require(this, length);
        var (bits, majority) = Bits.DrawUntied(length, random);
        return Questions.AnsweredWithoutEnd(Vocabulary, bits, majority, Questions.Longest - length);
    }
}
