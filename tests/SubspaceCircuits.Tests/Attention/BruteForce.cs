namespace SubspaceCircuits.Tests.Attention;

/// <summary>The scores of a head written out as loops in float64, from their definitions and from nothing else.</summary>
internal static class BruteForce
{
    /// <summary>Every score by name, for one head.</summary>
    /// <param name="sequences">Tokens.</param>
    /// <param name="pattern">[batch, query, key]</param>
    public static Dictionary<string, double> Scores(int[][] sequences, Tensor pattern)
    {
        double previous = 0, induction = 0, duplicate = 0, prefix = 0, same = 0, first = 0, bigram = 0;
        int all = 0, repeats = 0, bigrams = 0;
        for (var row = 0; row < sequences.Length; row++)
        {
            var t = sequences[row];
            for (var q = 1; q < t.Length; q++)
            {
                double A(int key) => pattern[row, q, key].to(float64).item<double>();
                all++;
                previous += A(q - 1);
                first += A(0);
                int lastToken = -1, lastBigram = -1;
                for (var k = 0; k <= q; k++)
                {
                    same += t[k] == t[q] ? A(k) : 0;
                    if (k == q || t[k] != t[q])
                        continue;
                    duplicate += A(k);
                    prefix += A(k + 1);
                    lastToken = k;
                    if (k >= 1 && t[k - 1] == t[q - 1])
                        lastBigram = k;
                }

                if (lastToken >= 0)
                {
                    repeats++;
                    induction += A(lastToken + 1);
                }

                if (lastBigram >= 0)
                {
                    bigrams++;
                    bigram += A(lastBigram + 1);
                }
            }
        }

        return new()
        {
            ["previous_token"] = previous / all,
            ["induction"] = induction / repeats,
            ["prefix_matching"] = prefix / repeats,
            ["duplicate_token"] = duplicate / repeats,
            ["same_token"] = same / all,
            ["first_position"] = first / all,
            ["ngram_match"] = bigram / bigrams,
        };
    }
}
