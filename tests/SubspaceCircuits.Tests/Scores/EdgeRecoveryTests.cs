using System.Text.Json;
using SubspaceCircuits.Scores;
using SubspaceCircuits.Scores.Measures;

namespace SubspaceCircuits.Tests.Scores;

public sealed class EdgeRecoveryTests
{
    private const double Rounding = 1e-12;

    [Fact]
    public void Prediction_has_the_figures_of_its_counts()
    {
        var prediction = EdgeRecovery.Of(
        [
            new("a", IsTrue: true, 0.9, IsPredicted: true), new("b", IsTrue: false, 0.8, IsPredicted: true), new("c", IsTrue: true, 0.7, IsPredicted: true),
            new("d", IsTrue: true, 0.6, IsPredicted: false), new("e", IsTrue: true, 0.5, IsPredicted: false), new("f", IsTrue: false, 0.4, IsPredicted: false),
            new("g", IsTrue: false, 0.3, IsPredicted: false),
        ]).Prediction;

        Assert.Equal(new Confusion(TruePositives: 2, FalsePositives: 1, FalseNegatives: 2, TrueNegatives: 2), prediction);
        Assert.Equal((2 / 3.0, 2 / 4.0, 1 / 3.0), (prediction.Precision, prediction.Recall, prediction.FalsePositiveRate));
        Assert.Equal(2 * (2 / 3.0) * 0.5 / (2 / 3.0 + 0.5), prediction.F1, Rounding);
        Assert.Equal((3, 3 / 7.0), (prediction.Shd, prediction.ShdShare));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Any_part_of_a_redundant_group_will_do(bool first, bool second)
    {
        var scores = EdgeRecovery.Of(
        [
            new("half 1", IsTrue: true, first ? 0.9 : 0, first, "head"), new("half 2", IsTrue: true, second ? 0.9 : 0, second, "head"),
            new("other", IsTrue: true, 0.8, IsPredicted: true), new("wrong", IsTrue: false, 0.1, IsPredicted: false),
        ]);

        Assert.Equal(new Confusion(2, 0, 0, 1), scores.Prediction);
        Assert.Equal(1, scores.Ranking.Auroc);
    }

    [Fact]
    public void Redundant_group_without_any_part_is_one_miss()
    {
        var scores = EdgeRecovery.Of(
        [
            new("half 1", IsTrue: true, 0.1, IsPredicted: false, "true"), new("half 2", IsTrue: true, 0, IsPredicted: false, "true"),
            new("copy 1", IsTrue: false, 0.3, IsPredicted: true, "false"), new("copy 2", IsTrue: false, 0.2, IsPredicted: true, "false"),
        ]);

        Assert.Equal(new Confusion(0, 1, 1, 0), scores.Prediction);
        Assert.Equal(0, scores.Ranking.Auroc);
    }

    [Fact]
    public void With_nothing_true_only_the_distance_counts()
    {
        var scores = EdgeRecovery.Of(Universe(4, isTrue: _ => false, isPredicted: i => i < 3));

        Assert.Equal((0.0, null, 0.0, 3, 0.75), (scores.Prediction.Precision, scores.Prediction.Recall, scores.Prediction.F1, scores.Prediction.Shd, scores.Prediction.ShdShare));
        Assert.Null(scores.Ranking.Auroc);
        Assert.Null(scores.AurocChance);
        Assert.Null(scores.AuprcChance);
        Assert.Equal(1, EdgeRecovery.Of(Universe(4, _ => false, _ => false)).Prediction.F1);
    }

    [Fact]
    public void With_nothing_predicted_precision_is_undefined_and_f1_zero()
    {
        var prediction = EdgeRecovery.Of(Universe(4, isTrue: i => i < 1, isPredicted: _ => false)).Prediction;

        Assert.Equal((null, 0.0, 0.0, 1, 0.0), (prediction.Precision, prediction.Recall, prediction.F1, prediction.Shd, prediction.FalsePositiveRate));
    }

    [Fact]
    public void Everything_predicted_finds_all_and_is_no_better_than_chance()
    {
        var scores = EdgeRecovery.Of(Universe(8, isTrue: i => i < 2, isPredicted: _ => true));

        Assert.Equal((0.25, 1.0, 1.0, 6), (scores.Prediction.Precision, scores.Prediction.Recall, scores.Prediction.FalsePositiveRate, scores.Prediction.Shd));
        Assert.Equal(2 * 2 / (8 + 2.0), scores.Prediction.F1, Rounding);
        Assert.Equal(scores.Prediction.F1, scores.F1Chance.Mean, Rounding);
        Assert.Equal(1, scores.F1Chance.PValue);
    }

    [Fact]
    public void Empty_universe_is_a_right_answer()
    {
        var scores = EdgeRecovery.Of([]);

        Assert.Equal((1.0, 0, 0.0, null), (scores.Prediction.F1, scores.Prediction.Shd, scores.Prediction.ShdShare, scores.Prediction.FalsePositiveRate));
        Assert.Equal(1, scores.F1Chance.PValue);
    }

    [Fact]
    public void Perfect_answer_is_beyond_chance()
    {
        var scores = EdgeRecovery.Of(Universe(40, isTrue: i => i < 5, isPredicted: i => i < 5));

        Assert.Equal((1.0, 1.0, 1.0, 1.0), (scores.Prediction.F1, scores.Ranking.Auroc, scores.Ranking.Auprc, scores.Ranking.BestF1));
        Assert.Equal((1 / 401.0, 1 / 401.0, 1 / 401.0), (scores.F1Chance.PValue, scores.AurocChance!.PValue, scores.AuprcChance!.PValue));
    }

    [Fact]
    public void Random_answers_have_the_means_of_theory()
    {
        var scores = EdgeRecovery.Of(Universe(40, isTrue: i => i < 5, isPredicted: i => i is > 2 and < 11), draws: 4000);

        // AUROC 1/2, spread sqrt((P + Q + 1) / 12 P Q); F1 2·(8·5/40) / (8 + 5), spread of hits 0.9: five standard errors
        Assert.Equal(0.5, scores.AurocChance!.Mean, 5 * Math.Sqrt(41 / (12.0 * 5 * 35)) / Math.Sqrt(4000));
        Assert.Equal(2 * 1 / 13.0, scores.F1Chance.Mean, 5 * 0.9 * 2 / 13 / Math.Sqrt(4000));
        Assert.InRange(scores.AuprcChance!.Mean, 5 / 40.0, 0.25);
        Assert.True(scores.AurocChance.Mean < scores.AurocChance.Percentile95);
    }

    [Fact]
    public void Order_of_the_candidates_does_not_matter_and_json_keeps_all()
    {
        var universe = Universe(20, isTrue: i => i % 3 == 0, isPredicted: i => i < 4);

        var json = JsonSerializer.Serialize(EdgeRecovery.Of(universe));

        Assert.Equal(json, JsonSerializer.Serialize(EdgeRecovery.Of([.. universe.Reverse()])));
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<EdgeRecoveryScores>(json)));
    }

    [Fact]
    public void Repeated_ids_and_infinite_scores_are_refused()
    {
        var edge = new Candidate("a", IsTrue: true, 1, IsPredicted: true);

        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => EdgeRecovery.Of([edge, edge])).Message, StringComparison.Ordinal);
        Assert.Contains("finite", Assert.Throws<ArgumentException>(() => EdgeRecovery.Of([edge with { Score = double.NaN }])).Message, StringComparison.Ordinal);
    }

    /// <summary>Candidates with falling scores.</summary>
    private static Candidate[] Universe(int count, Func<int, bool> isTrue, Func<int, bool> isPredicted) =>
        [.. Enumerable.Range(0, count).Select(i => new Candidate($"edge {i}", isTrue(i), -i, isPredicted(i)))];
}
