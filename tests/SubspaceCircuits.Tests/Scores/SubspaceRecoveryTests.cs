using System.Text.Json;
using SubspaceCircuits.Scores;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests.Scores;

public sealed class SubspaceRecoveryTests
{
    /// <summary>Float64 through a few products and decompositions.</summary>
    private const double Rounding = 1e-10;

    private const int Few = 20;

    [Fact]
    public void Perfect_prediction_scores_one()
    {
        using var scope = NewDisposeScope();

        var scores = SubspaceRecovery.Of([Planes.True("a", 6, 0, 1), Planes.True("b", 6, 2)], [Planes.Of(6, 3, 4, 5), Planes.Of(6, 2), Planes.Of(6, 1, 0)]);

        Assert.Equal([1, 1, 1, 1], new[] { scores.Srs, scores.AdjustedSrs!.Value, scores.Clustering.V, scores.Subspaces[0].Union.Capture }.Select(score => Math.Round(score, 10)));
        Assert.Equal([2, 1], scores.Subspaces.Select(subspace => subspace.Match!.Block));
        Assert.All(scores.Subspaces, subspace => Assert.Equal(0, subspace.Match!.GrassmannDistance, Rounding));
        Assert.Equal(1 / 201.0, scores.Chance.PValue);
    }

    [Fact]
    public void Merged_pair_loses_homogeneity_and_one_match()
    {
        using var scope = NewDisposeScope();

        var scores = SubspaceRecovery.Of([Planes.True("a", 4, 0), Planes.True("b", 4, 1)], [Planes.Of(4, 0, 1), Planes.Of(4, 2, 3)], Few);

        // One has IoU 1 / (1 + 2 − 1), the other 0; H(class) = 1.5 ln 2 with the rest, H(class | cluster) = 0.5 ln 2
        Assert.Equal((0.5 + 0) / 2, scores.Srs, Rounding);
        Assert.Equal(2 / 3.0, scores.Clustering.Homogeneity, Rounding);
        Assert.Equal(1, scores.Clustering.Completeness, Rounding);
        Assert.All(scores.Subspaces, subspace => Assert.Equal(1, subspace.Union.Capture, Rounding));
    }

    [Fact]
    public void Split_subspace_loses_completeness_and_half_its_match_but_not_its_union()
    {
        using var scope = NewDisposeScope();

        var scores = SubspaceRecovery.Of([Planes.True("a", 4, 0, 1)], [Planes.Of(4, 0), Planes.Of(4, 1), Planes.Of(4, 2, 3)], Few);

        Assert.Equal(1 / (2.0 + 1 - 1), scores.Srs, Rounding);
        Assert.Equal(1, scores.Clustering.Homogeneity, Rounding);
        Assert.Equal(2 / 3.0, scores.Clustering.Completeness, Rounding);
        Assert.Equal(1, scores.Subspaces[0].Union.Capture, Rounding);
        Assert.Equal([0, 1], scores.Subspaces[0].Union.Blocks);
    }

    [Fact]
    public void Tilted_line_has_the_figures_of_its_angle()
    {
        using var scope = NewDisposeScope();
        var line = new TrueSubspace("a", tensor([Math.Sqrt(3), 1.0], [2, 1])); // 30°, of length 2

        var scores = SubspaceRecovery.Of([line], [Planes.Of(2, 1), Planes.Of(2, 0)], Few);

        var match = scores.Subspaces[0].Match!;
        Assert.Equal([0.25, 0.75], scores.Overlaps[0].Select(overlap => Math.Round(overlap, 12)));
        Assert.Equal((1, 0.75, 0.75, 0.75), (match.Block, Math.Round(match.Overlap, 12), Math.Round(match.Capture, 12), Math.Round(match.Purity, 12)));
        Assert.Equal(0.75 / (1 + 1 - 0.75), match.IoU, Rounding);
        Assert.Equal(Math.PI / 6, match.LargestAngle, Rounding);
    }

    [Fact]
    public void Match_maximises_the_sum_and_not_each()
    {
        using var scope = NewDisposeScope();
        TrueSubspace[] truth = [Planes.True("small", 8, 0), Planes.True("large", 8, 0, 1, 2)];

        var scores = SubspaceRecovery.Of(truth, [Planes.Of(8, 0, 1), Planes.Of(8, 2, 3, 4, 5, 6, 7)], Few);

        // small: 1/2 and 0; large: 2 / (3 + 2 − 2) and 1 / (3 + 6 − 1). 1·0 + 3·2/3 > 1·1/2 + 3·1/8
        Assert.Equal([1, 0], scores.Subspaces.Select(subspace => subspace.Match!.Block));
        Assert.Equal(3 * (2 / 3.0) / 4, scores.Srs, Rounding);
    }

    [Fact]
    public void Captured_variance_counts_what_varies()
    {
        using var scope = NewDisposeScope();
        var a = Planes.True("a", 4, 0, 1) with { Covariance = diag(tensor([9.0, 1.0, 0.0, 0.0])) };
        var b = Planes.True("b", 4, 2) with { Covariance = diag(tensor([0.0, 0.0, 10.0, 0.0])) };
        Tensor[] predicted = [Planes.Of(4, 0), Planes.Of(4, 1, 3), Planes.Of(4, 2)];

        var scores = SubspaceRecovery.Of([a, b], predicted, Few);

        Assert.Equal(0, scores.Subspaces[0].Match!.Block);
        Assert.Equal(0.9, scores.Subspaces[0].Match!.CapturedVariance!.Value, Rounding);
        Assert.Equal((9 + 10) / 20.0, scores.CapturedVariance!.Value, Rounding);
        Assert.Null(SubspaceRecovery.Of([a, b with { Covariance = null }], predicted, Few).CapturedVariance);
        Assert.Null(SubspaceRecovery.Of([a with { Covariance = zeros(4, 4) }], predicted, Few).CapturedVariance);
    }

    [Fact]
    public void One_block_for_everything_is_no_better_than_chance()
    {
        using var scope = NewDisposeScope();

        var scores = SubspaceRecovery.Of([Planes.True("a", 3, 0), Planes.True("b", 3, 1)], [Planes.Of(3, 0, 1, 2)], Few);

        Assert.Equal((1 / 3.0 + 0) / 2, scores.Srs, Rounding);
        Assert.Equal(0, scores.AdjustedSrs!.Value, Rounding);
        Assert.Equal((1, 0), (scores.Chance.PValue, scores.Clustering.V));
        Assert.Single(scores.Subspaces, subspace => subspace.Match is null);
    }

    [Fact]
    public void Adjusted_score_is_undefined_where_every_rotation_is_perfect()
    {
        using var scope = NewDisposeScope();

        var scores = SubspaceRecovery.Of([Planes.True("a", 2, 0, 1)], [Planes.Of(2, 0, 1)], Few);

        Assert.Equal(1, scores.Srs, Rounding);
        Assert.Null(scores.AdjustedSrs);
        Assert.Equal(1, scores.Chance.PValue);
    }

    [Fact]
    public void Chance_of_a_line_in_the_plane_is_the_integral_over_its_angle()
    {
        using var scope = NewDisposeScope();

        var chance = SubspaceRecovery.Of([Planes.True("a", 2, 0)], [Planes.Of(2, 0), Planes.Of(2, 1)], rotations: 4000).Chance;

        // 4/π ∫₀^π/4 cos² θ / (2 − cos² θ) dθ; the tolerance is five standard errors of values that spread by less than 0.2
        Assert.Equal(4 * Math.Sqrt(2) / Math.PI * Math.Atan(Math.Sqrt(2)) - 1, chance.Mean, 5 * 0.2 / Math.Sqrt(4000));
    }

    [Fact]
    public void Random_predictions_score_about_nothing()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        TrueSubspace[] truth = [Planes.True("a", 12, 0, 1, 2, 3), Planes.True("b", 12, 4, 5)];

        var scores = Enumerable.Range(0, 60).Select(seed => SubspaceRecovery.Of(truth, Blocks(Rotation.Random(12, generator, float64)), 60, seed)).ToArray();

        // Five standard errors: adjusted scores spread by some 0.1, p-values by 0.29
        Assert.Equal(0, scores.Average(score => score.AdjustedSrs!.Value), 5 * 0.1 / Math.Sqrt(60));
        Assert.Equal(0.5, scores.Average(score => score.Chance.PValue), 5 * 0.29 / Math.Sqrt(60));
    }

    [Fact]
    public void Neither_bases_nor_order_of_the_blocks_matter()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(4);
        var (predicted, known) = (Rotation.Random(12, generator, float64), Rotation.Random(12, generator, float64));
        TrueSubspace[] truth = [new("a", known.narrow(1, 0, 3)), new("b", known.narrow(1, 3, 4))];
        TrueSubspace[] mixed = [.. truth.Select(subspace => subspace with { Basis = subspace.Basis.matmul(randn(subspace.Basis.shape[1], 6, dtype: float64, generator: generator)) })];
        var blocks = Blocks(predicted);
        Tensor[] turned = [.. blocks.Reverse().Select(block => block.matmul(Rotation.Random((int)block.shape[1], generator, float64)))];

        var (one, other) = (SubspaceRecovery.Of(truth, blocks, Few), SubspaceRecovery.Of(mixed, turned, Few));

        Assert.Equal(one.Srs, other.Srs, Rounding);
        Assert.Equal(one.Clustering.V, other.Clustering.V, Rounding);
        Assert.Equal([3, 4], other.Subspaces.Select(subspace => subspace.Size));
        foreach (var (a, b) in one.Subspaces.Zip(other.Subspaces))
        {
            Assert.Equal(a.Match!.Block, 2 - b.Match!.Block);
            Assert.Equal(a.Match.GrassmannDistance, b.Match.GrassmannDistance, Rounding);
            Assert.Equal(a.Union.Capture, b.Union.Capture, Rounding);
        }
    }

    [Fact]
    public void Merged_pair_is_whole_at_the_level_of_groups()
    {
        using var scope = NewDisposeScope();
        TrueSubspace[] truth = [Planes.True("a", 4, 0), Planes.True("b", 4, 1)];

        var scores = SubspaceRecovery.Of(TrueSubspace.Merge(truth, [["a", "b"]]), [Planes.Of(4, 0, 1), Planes.Of(4, 2, 3)], Few);

        Assert.Equal("a+b", Assert.Single(scores.Subspaces).Name);
        Assert.Equal(1, scores.Srs, Rounding);
    }

    [Fact]
    public void Shared_directions_of_true_subspaces_count_once_in_the_rest()
    {
        using var scope = NewDisposeScope();

        // The rest is axis 2 alone: three classes in three blocks, though the table holds 4 dimensions of 3.
        var scores = SubspaceRecovery.Of([Planes.True("a", 3, 0, 1), Planes.True("b", 3, 1)], [Planes.Of(3, 0), Planes.Of(3, 1), Planes.Of(3, 2)], Few);

        // H(cluster) of 1, 2, 1 is 1.5 ln 2; H(cluster | class) = 2/4 ln 2
        Assert.Equal(2 / 3.0, scores.Clustering.Completeness, Rounding);
        Assert.Equal((2 * 0.5 + 1 * 1) / 3, scores.Srs, Rounding);
    }

    [Fact]
    public void Partition_scores_as_its_bases_do_and_survives_json()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        using var partition = new Partition(null, Rotation.Random(12, generator), [5, 3, 4], zeros(12), eye(12));
        TrueSubspace[] truth = [Planes.True("a", 12, 0, 1, 2, 3), Planes.True("b", 12, 4, 5)];

        var json = JsonSerializer.Serialize(SubspaceRecovery.Of(truth, partition, Few));

        Assert.Equal(JsonSerializer.Serialize(SubspaceRecovery.Of(truth, [partition.Basis(0), partition.Basis(1), partition.Basis(2)], Few)), json);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<SubspaceRecoveryScores>(json)));
    }

    [Fact]
    public void What_is_no_partition_is_refused()
    {
        using var scope = NewDisposeScope();
        TrueSubspace[] truth = [Planes.True("a", 2, 0)];
        void Refused(string reason, IReadOnlyList<TrueSubspace> known, params Tensor[] blocks) =>
            Assert.Contains(reason, Assert.Throws<ArgumentException>(() => SubspaceRecovery.Of(known, blocks, Few)).Message, StringComparison.Ordinal);

        Refused("covers 1 dimensions", truth, Planes.Of(2, 0));
        Refused("not orthogonal", truth, Planes.Of(2, 0), tensor([1.0, 1.0], [2, 1]));
        Refused("3 coordinates", truth, Planes.Of(3, 0, 1, 2));
        Refused("zero", truth, Planes.Of(2, 0), zeros(2, 1));
        Refused("at least one", [], Planes.Of(2, 0, 1));
        Refused("the name 'a'", [truth[0], truth[0]], Planes.Of(2, 0, 1));
        Refused("'b' should have 2 rows", [truth[0], Planes.True("b", 3, 0)], Planes.Of(2, 0, 1));
        Refused("shape [2, 2]", [truth[0] with { Covariance = eye(3) }], Planes.Of(2, 0, 1));
    }

    private static Tensor[] Blocks(Tensor rotation) => rotation.split([5, 3, 4], dim: 1);

    [Fact]
    public void Directions_in_which_nothing_varies_belong_to_no_block()
    {
        using var scope = NewDisposeScope();
        var axes = eye(6, dtype: float64);
        TrueSubspace[] truth = [new("a", axes.narrow(1, 0, 2)), new("b", axes.narrow(1, 2, 1))];
        Tensor[] blocks = [axes.index_select(1, tensor(new long[] { 0, 1, 4, 5 })), axes.narrow(1, 2, 2)];

        var all = SubspaceRecovery.Of(truth, blocks);
        var inside = SubspaceRecovery.Of(truth, blocks, support: axes.narrow(1, 0, 3));
        var mixed = SubspaceRecovery.Of(truth, blocks, support: axes.narrow(1, 0, 4));

        Assert.Equal((2 * 0.5 + 0.5) / 3, all.Srs, 1e-12);      // two of four and one of two dimensions
        Assert.Equal(1, inside.Srs, 1e-12);
        Assert.Equal(1, inside.Clustering.V, 1e-12);
        Assert.Equal((2 * 1 + 0.5) / 3, mixed.Srs, 1e-12);      // the fourth direction varies, and lies with b
        Assert.InRange(inside.Chance.Mean, 0.3, 0.9);
    }
}
