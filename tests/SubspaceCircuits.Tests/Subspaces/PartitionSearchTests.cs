using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests.Subspaces;

public sealed class PartitionSearchTests
{
    [Fact]
    public void Blocks_find_two_independent_groups_of_unequal_variance_behind_a_rotation()
    {
        using var scope = NewDisposeScope();
        var (rows, truth) = TwoGroups(seed: 4);

        using var result = PartitionSearch.Run(rows, site: null, PartitionStrategy.Blocks(2, seed: 1, steps: 400, starts: 2), progress: null, TestContext.Current.CancellationToken);

        // Overlap of a found subspace with a true one: ‖R_sᵀ T_t‖²/4, 1 when they are the same.
        double Overlap(int subspace, int group) => result.Partition.Basis(subspace).T.matmul(truth.narrow(1, 4 * group, 4)).square().sum().item<float>() / 4;
        Assert.InRange(Math.Max(Overlap(0, 0) + Overlap(1, 1), Overlap(0, 1) + Overlap(1, 0)) / 2, 0.97, 1.001);
        Assert.Equal([4, 4], result.Partition.Sizes);
        Assert.InRange(Rotation.OrthogonalityError(result.Partition.R), 0, 1e-6);
        Assert.Equal(2 * 400, result.Steps);
    }

    [Fact]
    public void Merging_of_whitened_data_reaches_the_number_that_was_told()
    {
        using var scope = NewDisposeScope();
        var (rows, _) = TwoGroups(seed: 2);
        var strategy = PartitionStrategy.Merge(stopAt: 2, seed: 0, new PartitionSettings
        {
            UnitSize = 2,
            BlockLength = 512,
            SearchBlocks = 1,
            InformationBlocks = 1,
            InformationBatches = 4,
            MaxSteps = 400,
            MergeStart = 50,
            MergeInterval = 50,
            LearningRate = 1e-2,
            IsAnnealed = true,
            RebaseEvery = 5,
            MergeThreshold = -10,
        });

        using var result = PartitionSearch.Run(rows, site: null, strategy, progress: null, TestContext.Current.CancellationToken);

        Assert.Equal(2, result.Partition.Count);
        Assert.Equal(8, result.Partition.Sizes.Sum());
        Assert.True(result.Checks.Count >= 2);
    }

    [Fact]
    public void Same_seed_gives_the_same_rotation_byte_for_byte()
    {
        using var scope = NewDisposeScope();
        var (rows, _) = TwoGroups(seed: 6);
        PartitionResult Search() => PartitionSearch.Run(rows, site: null, PartitionStrategy.Blocks(2, seed: 9, steps: 30, starts: 2), progress: null, TestContext.Current.CancellationToken);

        using var one = Search();
        using var other = Search();

        Assert.True(one.Partition.R.contiguous().bytes.SequenceEqual(other.Partition.R.contiguous().bytes));
        Assert.Equal(one.Distances, other.Distances);
    }

    [Fact]
    public void Too_few_rows_and_values_that_are_not_finite_are_refused()
    {
        using var scope = NewDisposeScope();
        var few = Assert.Throws<ArgumentException>(() => PartitionSearch.Run(randn(100, 8), null, PartitionStrategy.Blocks(2, 0), null, TestContext.Current.CancellationToken));
        var rows = randn(2000, 8);
        rows[3, 4] = float.PositiveInfinity;
        var infinite = Assert.Throws<ArgumentException>(() => PartitionSearch.Run(rows, null, PartitionStrategy.Blocks(2, 0), null, TestContext.Current.CancellationToken));

        Assert.Contains("need 1024 activations", few.Message, StringComparison.Ordinal);
        Assert.Contains("not finite", infinite.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whitening_makes_the_covariance_the_identity_where_there_is_variance_and_is_symmetric()
    {
        using var scope = NewDisposeScope();
        var rows = randn([4000, 5], generator: new Generator(3)) * tensor(new[] { 10f, 3f, 1f, 0.3f, 0.1f });
        var (mean, covariance) = SubspaceCircuits.Activations.Moments.Of(rows);
        using var whitening = new Whitening(mean, covariance, floor: 1e-6);

        var white = whitening.Apply(rows);

        var (_, whiteCovariance) = SubspaceCircuits.Activations.Moments.Of(white);
        Assert.InRange((whiteCovariance - eye(5, dtype: float64)).abs().max().item<double>(), 0, 0.01); // the floor takes 2e-5 / .01 of the least direction
        Assert.Throws<ArgumentException>(() => new Whitening(mean, covariance, floor: 0));
    }

    /// <summary>Two groups of four dimensions, each one of 40 points (so that 512 keys do not hold all pairs of them), one with half the other's scale, turned by a random rotation.</summary>
    private static (Tensor Rows, Tensor Truth) TwoGroups(ulong seed)
    {
        var generator = new Generator(seed);
        Tensor Group(double scale) => (randn([40, 4], generator: generator) * scale).index_select(0, randint(40, [6000], dtype: int64, generator: generator));
        var truth = Rotation.Random(8, generator);
        var hidden = cat([Group(1), Group(0.5)], dim: 1) + 0.02 * randn([6000, 8], generator: generator);
        return (hidden.matmul(truth.T), truth);
    }
}
