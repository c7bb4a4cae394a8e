using SubspaceCircuits.Scores.Measures;

namespace SubspaceCircuits.Tests.Scores.Measures;

public sealed class RankingTests
{
    private const double Rounding = 1e-12;

    [Fact]
    public void Sweep_has_the_figures_of_a_list_made_by_hand()
    {
        var ranking = Ranking.Of([(0.9, true), (0.8, false), (0.7, true), (0.6, true), (0.5, false), (0.4, false)]);

        // False ones below each true one: 3, 2, 2. Precision where one is found: 1/1, 2/3, 3/4. F1 at 0.6: 2·3 / (4 + 3)
        Assert.Equal((3 + 2 + 2) / 9.0, ranking.Auroc!.Value, Rounding);
        Assert.Equal((1 + 2 / 3.0 + 3 / 4.0) / 3, ranking.Auprc!.Value, Rounding);
        Assert.Equal(6 / 7.0, ranking.BestF1!.Value, Rounding);
        Assert.Equal(0.6, ranking.BestThreshold);
    }

    [Fact]
    public void Tied_scores_enter_in_one_step()
    {
        (double, bool)[] scored = [(1, true), (1, false), (0, true)];

        // Pairs: a tie and a loss. Average precision: 1/2 for the first half of recall, 2/3 for the second.
        var expected = new Ranking((0.5 + 0) / 2, (1 / 2.0 + 2 / 3.0) / 2, 2 * 2 / (3 + 2.0), 0);
        Assert.Equal(expected, Ranking.Of(scored));
        Assert.Equal(expected, Ranking.Of(scored.Reverse()));
    }

    [Fact]
    public void Equal_scores_say_nothing()
    {
        var ranking = Ranking.Of(Enumerable.Range(0, 10).Select(i => (0.3, i < 2)));

        Assert.Equal(new Ranking(0.5, 0.2, 2 * 2 / (10 + 2.0), 0.3), ranking);
    }

    [Fact]
    public void Auroc_is_the_share_of_pairs_in_the_right_order()
    {
        var random = new Random(6);
        for (var trial = 0; trial < 100; trial++)
        {
            (double Score, bool IsTrue)[] scored = [(random.Next(6), true), (random.Next(6), false), .. Enumerable.Range(0, 20).Select(_ => ((double)random.Next(6), random.Next(3) == 0))];

            var pairs = from a in scored where a.IsTrue from b in scored where !b.IsTrue select a.Score > b.Score ? 1 : a.Score == b.Score ? 0.5 : 0;
            Assert.Equal(pairs.Average(), Ranking.Of(scored).Auroc!.Value, Rounding);
        }
    }

    [Fact]
    public void Without_one_of_both_kinds_some_figures_are_undefined()
    {
        Assert.Equal(new Ranking(null, null, null, null), Ranking.Of([(1, false), (2, false)]));
        Assert.Equal(new Ranking(null, null, null, null), Ranking.Of([]));
        Assert.Equal(new Ranking(null, 1, 1, 1), Ranking.Of([(1, true), (2, true)]));
    }
}
