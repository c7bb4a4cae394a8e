namespace SubspaceCircuits.Tasks;

/// <summary>
/// A pattern of distinct characters, repeated once: <c>bos s s</c>. Predicted: the second repetition from its second token on
/// (its first is not determined by what precedes it, because the pattern's length is not known).
/// </summary>
public sealed class UniqueTokenPattern : ITask
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    /// <inheritdoc/>
    public string Name => "unique_token_pattern";

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; } = Tasks.Vocabulary.WithSpecials(Alphabet.Select(character => $"{character}"));

    /// <inheritdoc/>
    public (int Min, int Max) Lengths => (2, 20);

    /// <inheritdoc/>
    public int NCtx => 2 * Lengths.Max + 1;

    /// <inheritdoc/>
    public TaskSample Sample(int length, Random random)
    {
        ProblemLength.Require(this, length);
        var pattern = Permutations.Draw(Alphabet.Length, length, random);
        return TaskSample.PredictFrom([Vocabulary.Bos, .. pattern, .. pattern], length + 2);
    }
}
