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
        problem[0] = random.Next(Tokens);
        for (var i = 1; i < length; i++)
        {
            var last = problem[i - 1];
            var next = i < Tokens ? random.Next(Tokens) : DrawBest(isUsed, unused, last, random);
            if (next < 0 || isUsed[last, next])
                return null;
            problem[i] = next;
            isUsed[last, next] = true;
            unused[last]--;
        }

        return problem;
    }

    /// <summary>Of the tokens that make a new bigram after <paramref name="last"/>, one of those with the most new bigrams left; −1 for none.</summary>
    private static int DrawBest(bool[,] isUsed, int[] unused, int last, Random random)
    {
        Span<int> best = stackalloc int[Tokens];
        int count = 0, most = -1;
        for (var token = 0; token < Tokens; token++)
        {
            if (isUsed[last, token] || unused[token] < most)
                continue;
            if (unused[token] > most)
                (count, most) = (0, unused[token]);
            best[count++] = token;
        }

        return count == 0 ? -1 : best[random.Next(count)];
    }
}
