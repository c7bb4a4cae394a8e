using SubspaceCircuits.Cli.Bench.PartitionSpeed;

namespace SubspaceCircuits.Tests;

public sealed class SyntheticActivationsTests
{
    private const int Rows = 40_000;

    [Fact]
    public void Isotropic_activations_are_standard()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);

        var stored = SyntheticActivations.Isotropic(Rows, 6, generator);

        Assert.Equal((float16, Rows, 6), (stored.dtype, stored.shape[0], stored.shape[1]));
        var rows = stored.to(float64);
        // Four standard errors: 1/√40,000 of a mean, √2 of that of a variance; covariances in between.
        Assert.InRange(rows.mean([0]).abs().max().item<double>(), 0, 0.02);
        Assert.InRange((rows.T.matmul(rows) / Rows - eye(6, dtype: float64)).abs().max().item<double>(), 0, 0.03);
    }

    [Fact]
    public void Groups_have_heavy_rows_in_their_share()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2);

        var norms = SyntheticActivations.SuperposedGroups(Rows, 24, 3, generator).to(float64).norm(1);

        var ratio = norms / norms.median();
        var heavy = ratio.gt(8).sum().item<long>();
        var expected = Rows * SyntheticActivations.HeavyShare; // 40, with a deviation of 6.3
        Assert.InRange(heavy, expected - 25, expected + 25);
        Assert.InRange(ratio.masked_select(ratio.gt(8)).mean().item<double>(), 0.6 * SyntheticActivations.HeavyFactor, 1.6 * SyntheticActivations.HeavyFactor);
    }

    [Fact]
    public void Groups_have_the_variance_of_their_features_and_two_heavy_directions()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);

        var all = SyntheticActivations.SuperposedGroups(Rows, 24, 3, generator).to(float64);
        var norms = all.norm(1);
        var rows = all.index_select(0, norms.lt(8 * norms.median()).nonzero().flatten());
        var centred = rows - rows.mean([0]);
        var (variances, _) = linalg.eigh(centred.T.matmul(centred) / rows.shape[0]); // ascending

        Assert.InRange(rows.mean([0]).norm().item<double>(), 1, 3.5); // 2, and what the means of features add or take
        Assert.InRange(variances[22].item<double>() / variances[21].item<double>(), 1.5, 100);
        // A group's energy is 3/4 · E[s²] = 1/4, in three dimensions, less the square of its mean.
        Assert.InRange(variances.narrow(0, 0, 22).sum().item<double>(), 0.5 * 8 / 4, 1.1 * 8 / 4);
    }

    [Theory]
    [InlineData("gaussian")]
    [InlineData("groups")]
    public void Rows_of_the_toy_shape_are_distinct(string kind)
    {
        using var scope = NewDisposeScope();
        var rows = PartitionShape.All[0].Activations(kind, seed: 0).to(float32);

        var distinct = rows.data<float>().ToArray().Chunk(16).Select(row => string.Join(' ', row)).Distinct().Count();

        Assert.Equal(rows.shape[0], distinct);
    }

    [Fact]
    public void Same_seed_same_activations()
    {
        using var scope = NewDisposeScope();
        Tensor Rows() => SyntheticActivations.SuperposedGroups(100, 7, 2, new Generator(4));

        Assert.True(Rows().equal(Rows()).all().item<bool>());
    }

    [Fact]
    public void Readers_of_the_same_rows_see_the_same_and_start_again_at_the_end()
    {
        using var scope = NewDisposeScope();
        var rows = arange(5, dtype: float32).unsqueeze(-1);
        var source = new CyclicSource(rows);

        Assert.Equal([0f, 1, 2], source.Next(3).data<float>().ToArray());
        Assert.Equal([3f, 4, 0, 1, 2, 3, 4], source.Next(7).data<float>().ToArray());
        Assert.Equal([0f], new CyclicSource(rows).Next(1).data<float>().ToArray());
    }
}
