namespace SubspaceCircuits.Tasks.Published;

/// <summary>
/// Add two binary numbers: <c>bos x + y sep x+y eos</c>, most significant bit first, no leading zeros. Predicted: everything after
/// <c>sep</c> (decompiling-transformers, task <c>addition</c>). The length is that of both numbers and the plus.
/// </summary>
public sealed class Addition : ITask
{
    private const int Plus = 2;

    /// <inheritdoc/>
    public string Name => "addition";

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; } = Vocabulary.WithSpecials(["0", "1", "+"]);

    /// <inheritdoc/>
    public (int Min, int Max) Lengths => (4, Questions.Longest);

    /// <inheritdoc/>
    public int NCtx => 2 * Questions.Longest + 2;

    /// <inheritdoc/>
    public TaskSample Sample(int length, Random random)
    {
        ProblemLength.Require(this, length);
        var first = random.Next(1, length - 1);
        int[] x = DrawNumber(first, random), y = DrawNumber(length - 1 - first, random);
        var sample = Questions.Answered(Vocabulary, [.. x, Plus, .. y], Sum(x, y), maxOffset: 0);
        return sample with { MaxOffset = NCtx - sample.Tokens.Length };
    }

    /// <summary>A number of so many bits; only a number of one bit may begin with a zero.</summary>
    private static int[] DrawNumber(int length, Random random)
    {
        int[] bits = random.GetItems((int[])[0, 1], length);
        if (length > 1)
            bits[0] = 1;
        return bits;
    }

    private static int[] Sum(int[] x, int[] y)
    {
        var sum = new int[Math.Max(x.Length, y.Length) + 1];
        var carry = 0;
        for (var place = 1; place <= sum.Length; place++)
        {
            carry += (place <= x.Length ? x[^place] : 0) + (place <= y.Length ? y[^place] : 0);
            (sum[^place], carry) = (carry % 2, carry / 2);
        }

        return sum[0] == 0 ? sum[1..] : sum;
    }
}
