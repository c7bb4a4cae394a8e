namespace SubspaceCircuits.Tasks.Published;

/// <summary>
/// Copy a string that has no pair of neighbours twice: <c>bos s sep s eos</c>, over 16 tokens. Predicted: everything after <c>sep</c>
/// (decompiling-transformers, task <c>unique_bigram_copy</c>).
/// </summary>
/// <remarks>
/// The first 16 tokens are independent, drawn again until their bigrams differ. Every further token is drawn uniformly among those
/// that make a new bigram and have the most new bigrams left to go on with.
/// </remarks>
public sealed class UniqueBigramCopy : ITask
{
    private const int Tokens = 16;

    /// <inheritdoc/>
    public string Name => "unique_bigram_copy";

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; } = Vocabulary.WithSpecials(Enumerable.Range(0, Tokens).Select(token => $"{token}"));

    /// <inheritdoc/>
    public (int Min, int Max) Lengths => (1, Questions.Longest);

    /// <inheritdoc/>
    public int NCtx => 2 * Questions.Longest + 3;

    /// <inheritdoc/>
    public TaskSample Sample(int length, Random random)
    {
        ProblemLength.Require(this, length);
        int[]? problem;
        do
            problem = TryDraw(length, random);
        while (problem is null);
        return Questions.Answered(Vocabulary, problem, problem, 2 * (Questions.Longest - length));
    }

    /// <summary>A string, or null where the first tokens repeat a bigram or nothing new can follow.</summary>
    private static int[]? TryDraw(int length, Random random)
    {
        var isUsed = new bool[Tokens, Tokens];
        var unused = new int[Tokens];
        Array.Fill(unused, Tokens);
        var problem = new int[length];
        for (var i = 0; i < length; i++)
        {
            int[] choices = i < Tokens ? [random.Next(Tokens)] : Best(isUsed, unused, problem[i - 1]);
            if (choices.Length == 0)
                return null;
            problem[i] = choices[random.Next(choices.Length)];
            if (i == 0)
                continue;
            if (isUsed[problem[i - 1], problem[i]])
                return null;
            isUsed[problem[i - 1], problem[i]] = true;
            unused[problem[i - 1]]--;
        }

        return problem;
    }

    /// <summary>Of the tokens that make a new bigram after <paramref name="last"/>, those with the most new bigrams left.</summary>
    private static int[] Best(bool[,] isUsed, int[] unused, int last)
    {
        int[] possible = [.. Enumerable.Range(0, Tokens).Where(token => !isUsed[last, token])];
        var most = possible.Select(token => unused[token]).DefaultIfEmpty().Max();
        return [.. possible.Where(token => unused[token] == most)];
    }
}
