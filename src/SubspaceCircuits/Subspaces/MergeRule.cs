namespace SubspaceCircuits.Subspaces;

/// <summary>Which subspaces the published method merges, given how much they tell about each other.</summary>
public static class MergeRule
{
    /// <summary>
    /// Greedy disjoint pairs in the order of falling normalised mutual information, as long as it exceeds the threshold; at most
    /// <c>max(1, S/8)</c> of them. Merged pairs stand first, then all groups are sorted by size, greatest first, ties kept in order.
    /// </summary>
    /// <param name="sizes">Columns of each subspace.</param>
    /// <param name="normalized">Normalised mutual information. [unit, unit]</param>
    /// <param name="threshold">What a pair must exceed to merge.</param>
    /// <param name="mostMerges">A further bound on the number of merges, as when only one more is wanted.</param>
    /// <returns>The new groups, as indices of old subspaces; empty when no pair qualifies.</returns>
    public static IReadOnlyList<IReadOnlyList<int>> Groups(IReadOnlyList<int> sizes, double[,] normalized, double threshold, int mostMerges = int.MaxValue)
    {
        var pairs = from a in Enumerable.Range(0, sizes.Count)
                    from b in Enumerable.Range(a + 1, sizes.Count - a - 1)
                    where normalized[a, b] > threshold
                    orderby normalized[a, b] descending
                    select (a, b);

        HashSet<int> used = [];
        List<int[]> merged = [];
        foreach (var (a, b) in pairs)
        {
            if (merged.Count >= Math.Min(Math.Max(1, sizes.Count / 8), mostMerges))
                break;
            if (used.Contains(a) || used.Contains(b))
                continue;
            used.UnionWith([a, b]);
            merged.Add([a, b]);
        }

        if (merged.Count == 0)
            return [];
        var singles = Enumerable.Range(0, sizes.Count).Where(unit => !used.Contains(unit)).Select(unit => new[] { unit });
        return [.. merged.Concat(singles).OrderByDescending(group => group.Sum(unit => sizes[unit]))];
    }

    /// <summary>Puts the columns of a rotation in the order of new groups.</summary>
    /// <returns>The reordered rotation [d_model, d_model] and the new sizes.</returns>
    public static (Tensor Rotation, IReadOnlyList<int> Sizes) Apply(Tensor rotation, IReadOnlyList<int> sizes, IReadOnlyList<IReadOnlyList<int>> groups)
    {
        using var scope = NewDisposeScope();
        var columns = rotation.split([.. sizes.Select(size => (long)size)], dim: 1);
        var ordered = cat([.. groups.SelectMany(group => group).Select(unit => columns[unit])], dim: 1);
        return (ordered.MoveToOuterDisposeScope(), [.. groups.Select(group => group.Sum(unit => sizes[unit]))]);
    }
}
