namespace SubspaceCircuits.Circuits.Heads;

/// <summary>Where the greatest score of every query lies, by positions.</summary>
/// <param name="Key">The offset back, or the position, that is found most often.</param>
/// <param name="Share">Share of queries that have such a key; ties are not found.</param>
/// <param name="Lead">Mean of its score less the greatest of the other keys.</param>
internal sealed record PositionShares(int Key, double Share, double Lead)
{
    /// <summary>The offset back that is found most often, of those that half of all queries can have.</summary>
    /// <param name="scores">−∞ where a key may not be seen. [query, key], the first query at position 1</param>
    public static PositionShares Offset(Tensor scores) => Best(scores, (query, key) => query - key);

    /// <summary>The position that is found most often, of those that half of all queries can see.</summary>
    /// <param name="scores">As for offsets.</param>
    public static PositionShares Position(Tensor scores) => Best(scores, (_, key) => key);

    private static PositionShares Best(Tensor scores, Func<int, int, int> name)
    {
        var (queries, keys) = ((int)scores.shape[0], (int)scores.shape[1]);
        var values = scores.contiguous().cpu().data<double>().ToArray();
        int[] found = new int[2 * keys], possible = new int[2 * keys]; // by name + keys
        var leads = new double[2 * keys];
        for (var row = 0; row < queries; row++)
        {
            var own = values.AsSpan(row * keys, keys);
            var (first, second) = (0, double.NegativeInfinity);
            for (var key = 1; key < keys; key++)
            {
                if (own[key] > own[first])
                    (first, second) = (key, own[first]);
                else
                    second = Math.Max(second, own[key]);
            }

            for (var key = 0; key < keys; key++)
            {
                if (double.IsNegativeInfinity(own[key]))
                    continue;
                var at = name(row + 1, key) + keys;
                possible[at]++;
                leads[at] += own[key] - (key == first ? second : own[first]);
                found[at] += key == first && own[first] > second ? 1 : 0;
            }
        }

        var best = Enumerable.Range(0, 2 * keys).Where(at => possible[at] >= (queries + 1) / 2).OrderByDescending(at => (double)found[at] / possible[at]).ThenBy(at => Math.Abs(at - keys)).First();
        return new PositionShares(best - keys, (double)found[best] / possible[best], leads[best] / possible[best]);
    }
}
