namespace SubspaceCircuits.Tasks.Published;

/// <summary>
/// The most frequent letter: <c>bos s sep letter</c>, <c>s</c> uniform over the strings of a to z that have only one such letter.
/// Predicted: the letter (decompiling-transformers, task <c>majority</c>).
/// </summary>
public sealed class Majority : ITask
{
    private const int Letters = 26;

    /// <inheritdoc/>
    public string Name => "majority";

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; } = Vocabulary.WithSpecials(Enumerable.Range(0, Letters).Select(letter => $"{(char)('a' + letter)}"));

    /// <inheritdoc/>
    public (int Min, int Max) Lengths => (1, Questions.Longest);

    /// <inheritdoc/>
    public int NCtx => Questions.Longest + 4;

    /// <inheritdoc/>
    public TaskSample Sample(int length, Random random)
    {
        ProblemLength.Require(this, length);
        while (true)
        {
            var letters = new int[length];
            var counts = new int[Letters];
            foreach (ref var letter in letters.AsSpan())
                counts[letter = random.Next(Letters)]++;
            var most = counts.Max();
            if (counts.Count(count => count == most) == 1)
                return Questions.AnsweredWithoutEnd(Vocabulary, letters, Array.IndexOf(counts, most), Questions.Longest - length);
        }
    }
}
