using SubspaceCircuits.Scores;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Scores;

public sealed class TrueSubspaceTests
{
    [Fact]
    public void Group_stands_where_its_first_member_stood()
    {
        using var scope = NewDisposeScope();
        TrueSubspace[] subspaces = [Planes.True("a", 5, 0), Planes.True("b", 5, 1, 2), Planes.True("c", 5, 3)];

        var merged = TrueSubspace.Merge(subspaces, [["c", "a"]]);

        Assert.Equal(["c+a", "b"], merged.Select(subspace => subspace.Name));
        var union = merged[0].Basis;
        Near.Equal(Planes.Of(5, 0, 3).matmul(Planes.Of(5, 0, 3).T), union.matmul(union.T), 1e-12);
        Assert.Same(subspaces[1], merged[1]);
    }

    [Fact]
    public void Covariances_of_a_group_add_up()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (Planes.True("a", 2, 0) with { Covariance = diag(tensor([2.0, 0.0])) }, Planes.True("b", 2, 1) with { Covariance = diag(tensor([0.0, 3.0])) });

        Near.Equal(diag(tensor([2.0, 3.0])), Assert.Single(TrueSubspace.Merge([a, b], [["a", "b"]])).Covariance!, 0);
        Assert.Null(Assert.Single(TrueSubspace.Merge([a, b with { Covariance = null }], [["a", "b"]])).Covariance);
    }

    [Fact]
    public void Wrong_groups_are_refused()
    {
        using var scope = NewDisposeScope();
        TrueSubspace[] subspaces = [Planes.True("a", 2, 0), Planes.True("b", 2, 1)];

        Assert.Contains("'x'", Assert.Throws<ArgumentException>(() => TrueSubspace.Merge(subspaces, [["a", "x"]])).Message, StringComparison.Ordinal);
        Assert.Contains("twice", Assert.Throws<ArgumentException>(() => TrueSubspace.Merge(subspaces, [["a"], ["b", "a"]])).Message, StringComparison.Ordinal);
    }
}
