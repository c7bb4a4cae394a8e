namespace SubspaceCircuits.Tasks.Published;

/// <summary>
/// The more frequent bit of three strings dealt out in turn: <c>bos x₁y₁z₁x₂y₂z₂… sep x y z eos</c>. Predicted: everything after
/// <c>sep</c> (decompiling-transformers, task <c>bin_majority_interleave</c>). The length is that of all three, a multiple of 3.
/// </summary>
public sealed class BinMajorityInterleave : ITask
{
    private const int Strings = 3;

    /// <inheritdoc/>
    public string Name => "bin_majority_interleave";

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; } = Bits.Vocabulary();

    /// <inheritdoc/>
    public (int Min, int Max) Lengths => (Strings, Questions.Longest);

    /// <inheritdoc/>
    public int NCtx => Questions.Longest + Strings + 3;

    /// <inheritdoc/>
    public bool HasLength(int length) => length >= Lengths.Min && length <= Lengths.Max && length % Strings == 0;

    /// <inheritdoc/>
    public TaskSample Sample(int length, Random random)
    {
        ProblemLength.Require(this, length);
        var answers = new int[Strings];
        var dealt = new int[length];
        for (var k = 0; k < Strings; k++)
        {
            (var bits, answers[k]) = Bits.DrawUntied(length / Strings, random);
            for (var i = 0; i < bits.Length; i++)
                dealt[i * Strings + k] = bits[i];
        }

        return Questions.Answered(Vocabulary, dealt, answers, Questions.Longest - length);
    }
}
