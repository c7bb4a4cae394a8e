using SubspaceCircuits.Scores.Measures;

namespace SubspaceCircuits.Tests.Scores.Measures;

public sealed class VMeasureTests
{
    private const double Rounding = 1e-12;

    [Fact]
    public void Split_class_lowers_completeness_alone()
    {
        // H(cluster) = 1.5 ln 2, H(cluster | class) = 0.5 ln 2
        var split = VMeasure.Of(new double[,] { { 2, 0, 0 }, { 0, 1, 1 } });

        AssertScores(split, homogeneity: 1, completeness: 2 / 3.0, v: 0.8);
    }

    [Fact]
    public void Merged_classes_lower_homogeneity_alone() =>
        AssertScores(VMeasure.Of(new double[,] { { 2, 0 }, { 0, 1 }, { 0, 1 } }), homogeneity: 2 / 3.0, completeness: 1, v: 0.8);

    [Fact]
    public void Independent_clusters_score_nothing() => AssertScores(VMeasure.Of(new double[,] { { 1, 1 }, { 2, 2 } }), 0, 0, 0);

    [Fact]
    public void One_class_or_one_cluster_is_settled()
    {
        AssertScores(VMeasure.Of(new double[,] { { 3 } }), 1, 1, 1);
        AssertScores(VMeasure.Of(new double[,] { { 1, 1 } }), homogeneity: 1, completeness: 0, v: 0);
        AssertScores(VMeasure.Of(new double[,] { { 1 }, { 1 } }), homogeneity: 0, completeness: 1, v: 0);
    }

    private static void AssertScores(VMeasure actual, double homogeneity, double completeness, double v)
    {
        Assert.Equal(homogeneity, actual.Homogeneity, Rounding);
        Assert.Equal(completeness, actual.Completeness, Rounding);
        Assert.Equal(v, actual.V, Rounding);
    }
}
