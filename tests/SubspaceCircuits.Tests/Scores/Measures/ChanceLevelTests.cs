using SubspaceCircuits.Scores.Measures;

namespace SubspaceCircuits.Tests.Scores.Measures;

public sealed class ChanceLevelTests
{
    [Fact]
    public void Of_twenty_draws_the_percentile_is_the_nineteenth()
    {
        double[] draws = [.. Enumerable.Range(1, 20).Select(i => (double)i).Reverse()];

        // 19 and 20 reach 19: (2 + 1) / (20 + 1)
        Assert.Equal(new ChanceLevel(20, 10.5, 19, 3 / 21.0), ChanceLevel.Of(19, draws));
    }

    [Fact]
    public void P_value_is_never_zero_and_counts_ties()
    {
        Assert.Equal(1 / 3.0, ChanceLevel.Of(5, [1, 2]).PValue);
        Assert.Equal(1, ChanceLevel.Of(0.1 + 0.2, [0.3, 0.3]).PValue);
    }
}
