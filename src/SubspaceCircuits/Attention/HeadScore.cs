namespace SubspaceCircuits.Attention;

/// <summary>
/// A score of a head: how much attention the queries that count pay to the keys that are meant,
/// <c>mean over queries q of Σ_{k in Keys(q)} A[q, k]</c>, in 0..1.
/// </summary>
/// <param name="Name">Name in snake_case, as JSON has it.</param>
/// <param name="Definition">Which keys are meant; mean over which queries.</param>
/// <param name="Keys">
/// Distinct positions that are meant, from the tokens of a sequence and the query's position, which is at least 1; none where the query does not count.
/// </param>
/// <remarks>
/// Position 0 is never a query: it sees only itself. All other positions of a sequence are, whether their prediction is scored or not; padding
/// is none. All queries of all samples weigh the same.
/// </remarks>
public sealed record HeadScore(string Name, string Definition, Func<int[], int, IEnumerable<int>> Keys)
{
    /// <summary>Attention to the position before the query.</summary>
    public static HeadScore PreviousToken { get; } = new("previous_token",
        "to the position before the query; mean over all queries", (_, query) => [query - 1]);

    /// <summary>Attention to what came after the query's token the last time (Olsson et al. 2022).</summary>
    public static HeadScore Induction { get; } = new("induction",
        "to the position after the last earlier occurrence of the query's token; mean over queries whose token occurred before",
        (tokens, query) => Last(query, key => tokens[key] == tokens[query]));

    /// <summary>
    /// Attention to what came after any earlier occurrence of the query's token (the prefix-matching score of Olsson et al. 2022). Where a token
    /// occurs more than twice, it sees induction heads that <see cref="Induction"/> misses because they attend to an earlier repetition.
    /// </summary>
    public static HeadScore PrefixMatching { get; } = new("prefix_matching",
        "to all positions after an earlier occurrence of the query's token; mean over queries whose token occurred before",
        (tokens, query) => Enumerable.Range(1, query).Where(key => tokens[key - 1] == tokens[query]));

    /// <summary>Attention to what came after the current bigram the last time.</summary>
    public static HeadScore NgramMatch { get; } = new("ngram_match",
        "to the position after the last earlier occurrence of the current bigram (previous token, token); mean over queries whose bigram occurred before",
        (tokens, query) => Last(query, key => key > 0 && tokens[key] == tokens[query] && tokens[key - 1] == tokens[query - 1]));

    /// <summary>Every score, in the order in which they are listed; a new one is one entry more.</summary>
    public static IReadOnlyList<HeadScore> All { get; } =
    [
        PreviousToken,
        Induction,
        PrefixMatching,
        new("duplicate_token", "to earlier positions with the query's token, itself left out; mean over queries whose token occurred before",
            (tokens, query) => Enumerable.Range(0, query).Where(key => tokens[key] == tokens[query])),
        new("same_token", "to positions with the query's token, itself included; mean over all queries",
            (tokens, query) => Enumerable.Range(0, query + 1).Where(key => tokens[key] == tokens[query])),
        new("first_position", "to position 0, where BOS stands; mean over all queries", (_, _) => [0]),
        NgramMatch,
    ];

    /// <summary>The score of a head that attends to all positions up to the query alike: mean of <c>|Keys(q)| / (q + 1)</c>, exactly.</summary>
    /// <returns>In 0..1; NaN where no query counts.</returns>
    public double Uniform(IReadOnlyList<int[]> sequences)
    {
        double sum = 0;
        var count = 0;
        foreach (var tokens in sequences)
        {
            for (var query = 1; query < tokens.Length; query++)
            {
                var keys = Keys(tokens, query).Count();
                sum += keys / (query + 1.0);
                count += keys > 0 ? 1 : 0;
            }
        }

        return sum / count;
    }

    /// <summary>The position after the last one before the query that is so; it may be the query itself.</summary>
    private static IEnumerable<int> Last(int query, Func<int, bool> isSo)
    {
        for (var key = query - 1; key >= 0; key--)
        {
            if (isSo(key))
                return [key + 1];
        }

        return [];
    }
}
