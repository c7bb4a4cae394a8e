using System.Globalization;
using System.Text.RegularExpressions;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests.Subspaces;

public sealed partial class MergeRuleTests
{
    [Fact]
    public void The_pair_above_the_threshold_merges_and_stands_where_its_size_puts_it()
    {
        var groups = MergeRule.Groups([4, 2, 2], Table(3, (1, 2, 0.5), (0, 1, 0.1)), 0.2);

        Assert.Equal([[1, 2], [0]], groups); // sizes 4 and 4: merged pairs stand first among equals
    }

    [Fact]
    public void A_pair_at_the_threshold_does_not_merge() =>
        Assert.Empty(MergeRule.Groups([2, 2], Table(2, (0, 1, 0.04)), 0.04));

    [Fact]
    public void One_subspace_has_no_pairs() => Assert.Empty(MergeRule.Groups([8], Table(1), 0));

    [Theory]
    [InlineData(2, 1)]
    [InlineData(15, 1)]
    [InlineData(16, 2)]
    [InlineData(24, 3)]
    public void At_most_an_eighth_of_the_subspaces_merges_but_one_pair_always_may(int subspaces, int most)
    {
        var pairs = Enumerable.Range(0, subspaces / 2).Select(pair => (2 * pair, 2 * pair + 1, 1.0 - 0.01 * pair)).ToArray();

        var groups = MergeRule.Groups([.. Enumerable.Repeat(3, subspaces)], Table(subspaces, pairs), 0.04);

        Assert.Equal(most, groups.Count(group => group.Count == 2));
        Assert.Equal(Enumerable.Range(0, most).Select(pair => new[] { 2 * pair, 2 * pair + 1 }), groups.Take(most));
        Assert.Equal(Enumerable.Range(0, subspaces), groups.SelectMany(group => group).Order());
    }

    [Fact]
    public void Pairs_that_share_a_subspace_do_not_both_merge()
    {
        var groups = MergeRule.Groups([.. Enumerable.Repeat(1, 16)], Table(16, (0, 1, 0.9), (1, 2, 0.8), (2, 3, 0.7)), 0.04);

        Assert.Equal([[0, 1], [2, 3]], groups.Take(2));
    }

    [Fact]
    public void Fewer_merge_when_fewer_are_wanted()
    {
        var groups = MergeRule.Groups([.. Enumerable.Repeat(1, 16)], Table(16, (0, 1, 0.9), (2, 3, 0.7)), 0.04, mostMerges: 1);

        Assert.Single(groups, group => group.Count == 2);
        Assert.Empty(MergeRule.Groups([1, 1], Table(2, (0, 1, 0.9)), 0.04, mostMerges: 0));
    }

    [Fact]
    public void Equal_values_merge_in_the_order_of_the_pairs_and_equal_sizes_keep_theirs()
    {
        var groups = MergeRule.Groups([3, 1, 1, 1, 1, 2], Table(6, (3, 4, 0.5), (1, 2, 0.5)), 0.04);

        Assert.Equal([[0], [1, 2], [5], [3], [4]], groups);
    }

    [Fact]
    public void Apply_puts_columns_and_sizes_in_the_order_of_the_groups()
    {
        using var scope = NewDisposeScope();
        var rotation = arange(5, dtype: float32).unsqueeze(0).expand(5, 5); // column c is filled with c

        var (ordered, sizes) = MergeRule.Apply(rotation, [2, 1, 2], [[0, 2], [1]]);

        Assert.Equal([0f, 1, 3, 4, 2], ordered[0].data<float>().ToArray());
        Assert.Equal([4, 1], sizes);
    }

    /// <summary>The logs of two published runs hold every normalised mutual information and the clusters that came of it.</summary>
    [Theory]
    [InlineData("train_log-gpt2-x0.post.txt", 10)]
    [InlineData("train_log-gpt2-x4.post.txt", 8)]
    public void The_rule_gives_every_merge_of_a_published_run(string log, int merges)
    {
        IReadOnlyList<int> sizes = [.. Enumerable.Repeat(32, 24)];
        IReadOnlyList<IReadOnlyList<int>> groups = [];
        var merged = 0;
        foreach (var line in File.ReadLines(SharedData.PathOrSkip($"gpt2_partitions/{log}")))
        {
            if (line.StartsWith("normed mi", StringComparison.Ordinal))
            {
                var pairs = Pair().Matches(line).Select(match => (Number(match, 1), Number(match, 2), double.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture))).ToArray();
                Assert.Equal(sizes.Count * (sizes.Count - 1) / 2, pairs.Length);
                groups = MergeRule.Groups(sizes, Table(sizes.Count, pairs), 0.04);
            }
            else if (line.Contains("after merging", StringComparison.Ordinal))
            {
                var clusters = Cluster().Matches(line);
                Assert.Equal(clusters.Select(match => match.Groups[1].Value.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)), groups);
                sizes = [.. groups.Select(group => group.Sum(unit => sizes[unit]))];
                Assert.Equal(clusters.Select(match => Number(match, 2)), sizes);
                (groups, merged) = ([], merged + 1);
            }
        }

        Assert.Equal(merges, merged);
        Assert.Empty(groups); // the last check, if there was one, merged nothing
    }

    private static double[,] Table(int size, params (int A, int B, double Value)[] pairs)
    {
        var table = new double[size, size];
        foreach (var (a, b, value) in pairs)
            (table[a, b], table[b, a]) = (value, value);
        return table;
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\(\((\d+), (\d+)\), ([-+.e\d]+)\)")]
    private static partial Regex Pair();

    [GeneratedRegex(@"\(\(([\d, ]+)\), (\d+)\)")]
    private static partial Regex Cluster();
}
