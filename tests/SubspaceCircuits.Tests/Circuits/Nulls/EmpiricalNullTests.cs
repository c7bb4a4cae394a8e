using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Nulls;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits.Nulls;

/// <summary>Chance from data: other heads, many tests, random partitions.</summary>
public sealed class EmpiricalNullTests
{
    [Fact]
    public void RobustZ_does_not_see_the_special_value()
    {
        var z = RobustZ.Of([1, 2, 3, 4, 1000]);

        // Median 3, distances 2 1 0 1 997, MAD 1.
        Near.Equal(tensor(new[] { -2, -1, 0, 1, 997.0 }) / 1.482602218505602, tensor(z), 1e-9);
    }

    [Fact]
    public void RobustZ_of_mostly_equal_values_takes_mean_distances()
    {
        Near.Equal(5 / Math.Sqrt(Math.PI / 2), RobustZ.Of([0, 0, 0, 0, 7])[4], 1e-12);
        Assert.Equal([0.0, 0.0, 0.0], RobustZ.Of([2, 2, 2]));
    }

    [Fact]
    public void Across_compares_the_same_block_of_all_heads()
    {
        double[][,] tables = [new double[,] { { 1, 10 } }, new double[,] { { 2, 10 } }, new double[,] { { 4, 10 } }];

        var z = RobustZ.Across(tables);

        Assert.Equal(RobustZ.Of([1, 2, 4]), z.Select(table => table[0, 0]));
        Assert.All(z, table => Assert.Equal(0, table[0, 1]));
    }

    /// <summary>The example of Benjamini and Hochberg 1995: four of fifteen are found at .05.</summary>
    [Fact]
    public void Adjusted_finds_what_the_example_of_the_paper_finds()
    {
        double[] p = [0.4262, 0.0001, 0.5719, 0.0004, 0.6528, 0.0019, 0.7590, 0.0095, 1, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240];

        var q = BenjaminiHochberg.Adjusted(p);

        Assert.Equal([0.0001, 0.0004, 0.0019, 0.0095], p.Where((_, test) => q[test] <= 0.05).Order());
        Near.Equal(0.0095 * 15 / 4, q[7], 1e-15);
        Near.Equal(0.0298 * 15 / 7, q[10], 1e-15); // the least of ranks 6 to 8: .0695, .0639, .0645
        Assert.Equal(1, q[8]);
    }

    /// <summary>For independent tests the expected share of false ones among those found is exactly the level times the share of tests that have nothing to find.</summary>
    [Fact]
    public void The_false_discovery_rate_is_the_level_times_the_share_of_nulls()
    {
        const int Rounds = 3000, Tests = 60, Effects = 20;
        const double Level = 0.2;
        var random = new Random(1);

        var shares = Enumerable.Range(0, Rounds).Select(_ =>
        {
            double[] p = [.. Enumerable.Range(0, Tests).Select(test => test < Effects ? Math.Pow(random.NextDouble(), 8) : random.NextDouble())];
            int[] found = [.. BenjaminiHochberg.Adjusted(p).Index().Where(entry => entry.Item <= Level).Select(entry => entry.Index)];
            return found.Length == 0 ? 0 : found.Count(test => test >= Effects) / (double)found.Length;
        }).ToArray();

        var mean = shares.Average();
        var error = Math.Sqrt(shares.Average(share => (share - mean) * (share - mean)) / Rounds);
        Near.Equal(Level * (Tests - Effects) / Tests, mean, 4.5 * error);
    }

    [Theory]
    [InlineData(new double[] { 5, 5, 5, 5 }, 0, 4)]
    [InlineData(new double[] { 0, 0, 3, 0 }, 0.75, 1)]
    [InlineData(new double[] { 4, 1, 3, 2 }, 0.25, 100.0 / 30)]
    [InlineData(new double[] { 0, 0 }, 0, 2)]
    public void Concentration_of_known_tables(double[] energies, double gini, double pairs)
    {
        var concentration = Concentration.Of(energies);

        Near.Equal(gini, concentration.Gini, 1e-15);
        Near.Equal(pairs, concentration.EffectivePairs, 1e-14);
    }

    [Fact]
    public void EmpiricalScore_counts_the_draws_that_reach_the_statistic()
    {
        var score = EmpiricalScore.Of(3, [1, 2, 3, 6]);

        Assert.Equal((3.0, 3.0 / 5, 4.0 / 5), (score.Mean, score.Above, score.Below));
        Near.Equal(Math.Sqrt(14.0 / 3), score.StandardDeviation, 1e-14);
        Assert.Throws<ArgumentException>(() => EmpiricalScore.Of(1, [1]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Random_partitions_keep_the_sum_over_pairs(bool isCentred)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(isCentred ? "GELU" : "ReLU without norms");
        var (read, write) = model.Model.AroundAttention(0);
        using var map = new ReadMap(model.Weights.Blocks[0].Ln1, 1e-5, read);
        var ov = FactoredMap.Ov(map, model.Weights.Blocks[0].Attention, 0);
        var generator = new Generator(1);

        using var left = RandomPartitions.Draw(read, isCentred, generator);
        using var right = RandomPartitions.Draw(write, false, generator);

        Near.Equal(1, ov.Energies(left, right).Cast<double>().Sum() / ov.Energies(read, write).Cast<double>().Sum(), 1e-5);
        Near.Equal(ov.Energies(read, write), OvBlocks.Of(read, write, map, model.Weights.Blocks[0].Attention, 0).Energy, 1e-12);
        Assert.True(Near.Difference(left.R, read.R) > 0.1);
        if (isCentred)
            Near.Equal(read.R.sum(dim: 0), left.R.sum(dim: 0), 1e-5); // the mean direction lies in it as before
    }

    [Fact]
    public void A_partition_made_for_its_maps_is_more_concentrated_than_chance_and_another_is_not()
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(2);
        const int Width = 16;
        using var site = new Partition(null, Rotation.Random(Width, generator, float64), [4, 4, 8], zeros(Width, dtype: float64), eye(Width, dtype: float64));
        Tensor Head(int unit) => site.Basis(unit).matmul(randn(site.Sizes[unit], 3, dtype: float64, generator: generator));
        FactoredMap made = new(Head(0), Head(1), false, false, true);
        FactoredMap other = new(randn(Width, 3, dtype: float64, generator: generator), randn(Width, 3, dtype: float64, generator: generator), false, false, true);

        var scores = RandomPartitions.ConcentrationOf([made, other], site, site, 99, generator);

        Near.Equal(1, scores[0].EffectivePairs.Observed, 1e-9);
        Near.Equal(1.0 / 100, scores[0].Gini.Above, 1e-15);
        Near.Equal(1.0 / 100, scores[0].EffectivePairs.Below, 1e-15);
        Assert.InRange(scores[1].Gini.Above, 0.025, 0.975);
    }

    /// <summary>In whitened coordinates energies are variances where subspaces are uncorrelated.</summary>
    [Fact]
    public void Whitened_maps_have_variances_for_energies()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        var read = model.Partitions[0];
        var within = read.R.matmul(Blocks.WithinSubspaces(read).to(float32)).matmul(read.R.T);
        using var uncorrelated = new Partition(read.Site, read.R.clone(), read.Sizes, read.Mean.clone(), (within + within.T) / 2);
        using var map = new ReadMap(model.Weights.Blocks[0].Ln1, 1e-5, uncorrelated);
        var attention = model.Weights.Blocks[0].Attention;

        var qk = FactoredMap.Qk(map, attention, 1).Whitened(uncorrelated.Covariance).Energies(uncorrelated, uncorrelated);
        var ov = FactoredMap.Ov(map, attention, 1).Whitened(uncorrelated.Covariance).Energies(uncorrelated, model.Partitions[1]);

        Near.Equal(QkBlocks.Of(uncorrelated, map, attention, 1).Variance, qk, 1e-5);
        Near.Equal(OvBlocks.Of(uncorrelated, model.Partitions[1], map, attention, 1).Variance, ov, 1e-5);
    }
}
