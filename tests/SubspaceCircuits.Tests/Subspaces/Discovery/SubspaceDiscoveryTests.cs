using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Discovery;
using SubspaceCircuits.Subspaces.Synthetic;

namespace SubspaceCircuits.Tests.Subspaces.Discovery;

public sealed class SubspaceDiscoveryTests
{
    private const double LeastOverlap = 0.95; // ‖BᵀF‖²/d of a true basis B and a found one F; observed at least .99

    [Fact]
    public void Three_equal_groups_are_found() => Finds(new SyntheticSettings { Groups = [new(4, 12), new(4, 12), new(4, 12)], Rows = 4000, Seed = 1 });

    [Fact]
    public void Groups_of_different_sizes_and_scales_are_found() =>
        Finds(new SyntheticSettings { Groups = [new(4, 16), new(4, 16) { Scale = 0.2 }, new(8, 36)], Rows = 6000, Seed = 2 });

    [Fact]
    public void Groups_that_depend_a_little_are_still_told_apart() =>
        Finds(new SyntheticSettings { Groups = [new(4, 16), new(4, 16), new(8, 36)], Dependences = [new(0, 1, 0.3)], Rows = 10_000, Seed = 3 });

    [Fact]
    public void Outliers_are_set_aside()
    {
        using var found = Finds(new SyntheticSettings { Groups = [new(4, 16), new(4, 16), new(8, 36)], Outliers = 0.05, Rows = 8000, Seed = 4 });

        Assert.InRange(found.SetAside, 8000 * 0.04, 8000 * 0.06);
    }

    [Fact]
    public void One_group_is_one_subspace()
    {
        using var found = Finds(new SyntheticSettings { Groups = [new(8, 40)], Rows = 4000, Seed = 5 });

        Assert.Equal(DiscoveryOutcome.OneBlock, found.Outcome);
    }

    [Fact]
    public void In_isotropic_noise_nothing_is_found()
    {
        using var made = SyntheticActivations.Make(new SyntheticSettings { Groups = [new(12, 0)], Rows = 4000 });

        using var found = SubspaceDiscovery.Run(made.Rows, new DiscoverySettings(), cancellation: TestContext.Current.CancellationToken);

        Assert.True(Assert.Single(found.Subspaces).IsLoose);
        Assert.Equal(DiscoveryOutcome.Nothing, found.Outcome);
    }

    [Fact]
    public void Directions_with_noise_alone_are_set_apart()
    {
        using var made = SyntheticActivations.Make(new SyntheticSettings { Groups = [new(4, 12), new(4, 12)], Rest = 3, Rows = 6000, Seed = 8 });

        using var found = SubspaceDiscovery.Run(made.Rows, new DiscoverySettings(), cancellation: TestContext.Current.CancellationToken);

        Assert.Equal([4, 4, 3], found.Subspaces.Select(subspace => subspace.Size));
        Assert.True(found.Subspaces[^1].IsLoose);
        using var scope = NewDisposeScope();
        Assert.All(made.Subspaces(), truth => Assert.True(found.Bases().Max(basis => SubspaceOverlap.Of(truth, basis)) > LeastOverlap));
    }

    [Fact]
    public void What_is_there_is_found_again_on_halves_of_the_rows()
    {
        using var made = SyntheticActivations.Make(new SyntheticSettings { Groups = [new(4, 12), new(5, 20)], Rows = 6000, Seed = 9 });

        using var found = SubspaceDiscovery.Run(made.Rows, new DiscoverySettings { Replicates = 2 }, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal([2, 2], found.ReplicateCounts);
        Assert.All(found.Subspaces, subspace => Assert.Equal(StabilityVerdict.Stable, subspace.Stability!.Verdict));
        Assert.All(found.Subspaces, subspace => Assert.InRange(subspace.Stability!.Overlap, 0.99, 1 + 1e-6));
    }

    [Fact]
    public void What_is_cut_otherwise_on_other_rows_is_not_separable()
    {
        using var scope = NewDisposeScope();
        var axes = eye(4);
        Tensor[] own = [axes.narrow(1, 0, 2), axes.narrow(1, 2, 2)];
        Tensor[] other = [axes.index_select(1, tensor([0L, 2L])), axes.index_select(1, tensor([1L, 3L]))];

        var stability = SubspaceStability.Of(own, [own, other, other], eye(4));

        Assert.All(stability, subspace => Assert.Equal(StabilityVerdict.NotSeparable, subspace.Verdict));
        Assert.All(stability, subspace => Near.Equal((1 + 0.5 + 0.5) / 3, subspace.Overlap, 1e-12));
        Assert.All(SubspaceStability.Of(own, [own, other], eye(4)), subspace => Assert.Equal(StabilityVerdict.Borderline, subspace.Verdict));
    }

    [Theory]
    [InlineData(90, 0.99, 1.001)]
    [InlineData(60, 0.5, 0.98)]
    public void Subspaces_that_are_not_orthogonal_are_found_and_what_that_loses_is_said(double degrees, double least, double most)
    {
        using var scope = NewDisposeScope();
        using var made = SyntheticActivations.Make(new SyntheticSettings { Groups = [new(4, 12), new(4, 12)], Rows = 8000, Seed = 10 });
        var angle = degrees * Math.PI / 180;
        var first = made.Rows.matmul(made.Variables[0].Basis);
        var second = made.Rows.matmul(made.Variables[1].Basis);
        var rows = cat([first + Math.Cos(angle) * second, Math.Sin(angle) * second], dim: 1); // the second is written at this angle to the first

        using var found = SubspaceDiscovery.Run(rows, new DiscoverySettings(), cancellation: TestContext.Current.CancellationToken);

        Assert.Equal([4, 4], found.Subspaces.Select(subspace => subspace.Size));
        Assert.InRange(found.Subspaces.Average(subspace => subspace.Kept), least, most);
    }

    [Fact]
    public void The_dependence_of_what_was_found_is_that_of_the_variables()
    {
        using var found = Finds(new SyntheticSettings { Groups = [new(4, 12), new(4, 12)], Rows = 6000, Seed = 11 });

        Assert.True(double.IsNaN(found.Dependence[0, 0]));
        Assert.InRange(found.Dependence[0, 1], -0.03, 0.03);
    }

    [Fact]
    public void Constant_directions_are_counted_and_left_to_the_last_subspace()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(0);
        using var made = SyntheticActivations.Make(new SyntheticSettings { Groups = [new(4, 12), new(4, 12)], Rows = 4000, Seed = 6 });
        var turn = Rotation.Random(11, generator);
        var rows = cat([made.Rows, zeros(4000, 3)], dim: 1).matmul(turn.T) + 5;

        using var found = SubspaceDiscovery.Run(rows, new DiscoverySettings(), cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(3, found.Constant);
        Assert.Equal([4, 7], found.Subspaces.Select(subspace => subspace.Size));
        Near.Equal(0, Rotation.OrthogonalityError(found.Rotation), 1e-4);
    }

    [Fact]
    public void The_same_seed_finds_the_same()
    {
        using var made = SyntheticActivations.Make(new SyntheticSettings { Groups = [new(3, 10), new(3, 10)], Rows = 2000, Seed = 7 });

        using DiscoveryResult first = SubspaceDiscovery.Run(made.Rows, new DiscoverySettings(), cancellation: TestContext.Current.CancellationToken), second = SubspaceDiscovery.Run(made.Rows, new DiscoverySettings(), cancellation: TestContext.Current.CancellationToken);

        Assert.True(first.Rotation.equal(second.Rotation).all().item<bool>());
    }

    [Fact]
    public void Equal_rows_and_numbers_that_are_not_finite_are_refused()
    {
        using var scope = NewDisposeScope();

        Assert.Throws<ArgumentException>(() => SubspaceDiscovery.Run(ones(2000, 4), new DiscoverySettings(), cancellation: TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => SubspaceDiscovery.Run(full([2000, 4], float.NaN), new DiscoverySettings(), cancellation: TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => SubspaceDiscovery.Run(rand(10, 4), new DiscoverySettings(), cancellation: TestContext.Current.CancellationToken));
    }

    private static DiscoveryResult Finds(SyntheticSettings settings)
    {
        using var scope = NewDisposeScope();
        using var made = SyntheticActivations.Make(settings);

        var found = SubspaceDiscovery.Run(made.Rows, new DiscoverySettings(), cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(settings.Groups.Count, found.Subspaces.Count);
        var bases = found.Bases();
        foreach (var variable in made.Variables)
        {
            double Overlap(Tensor basis) => SubspaceOverlap.Of(variable.Basis, basis);
            Assert.True(bases.Max(Overlap) > LeastOverlap, $"A group of {variable.Basis.shape[1]} directions overlaps by {bases.Max(Overlap):0.000} at most.");
        }

        return found;
    }
}
