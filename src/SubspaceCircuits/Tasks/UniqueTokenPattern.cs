namespace SubspaceCircuits.Tasks;

/// <summary>
/// A pattern of distinct characters, repeated once: <c>bos s s</c>. Predicted: the second repetition from its second token on
/// (its first is not determined by what precedes it, because the pattern's length is not known).
/// </summary>
/// <param name="characters">Size of the alphabet, 2 to 36: a to z, then digits.</param>
/// <param name="longest">Longest pattern, at most the alphabet.</param>
public sealed class UniqueTokenPattern(int characters = 26, int longest = 10) : ITask
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    /// <inheritdoc/>
    public string Name => "unique_token_pattern";

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; } = Tasks.Vocabulary.WithSpecials(Alphabet[..characters].Select(character => $"{character}"));

    /// <inheritdoc/>
    public (int Min, int Max) Lengths => (2, longest);

    /// <inheritdoc/>
    public int NCtx => 2 * Lengths.Max + 1;

    /// <inheritdoc/>
    public TaskSample Sample(int length, Random random)
    {
        ProblemLength.Require(this, length);
        var pattern = Permutations.Draw(characters, length, random);
        return TaskSample.PredictFrom([Vocabulary.Bos, .. pattern, .. pattern], length + 2);
    }
}
