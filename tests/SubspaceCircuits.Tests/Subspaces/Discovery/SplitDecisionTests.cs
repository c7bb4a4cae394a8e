using SubspaceCircuits.Subspaces.Discovery;

namespace SubspaceCircuits.Tests.Subspaces.Discovery;

public sealed class SplitDecisionTests
{
    [Theory]
    [InlineData(0.02, 0.01, 2)] // below .03: always
    [InlineData(0.10, 0.50, 2)] // separated better than its parts hold together
    [InlineData(0.10, 0.12, 1)] // not
    [InlineData(0.30, 0.90, 1)] // above .25: never
    public void A_cut_is_made_when_its_parts_are_better_separated_than_they_hold_together(double share, double within, int leaves)
    {
        var root = Node(0, 8, share, Node(0, 4, within), Node(4, 4, within));

        var decided = new RelativeDecision().Decide(root);

        Assert.Equal(leaves, decided.Leaves().Count());
        Assert.Equal(8, decided.Leaves().Sum(leaf => leaf.Size));
    }

    [Fact]
    public void Parts_that_are_cut_themselves_do_not_forbid_a_cut()
    {
        var root = Node(0, 12, 0.2, Node(0, 8, 0.01, Node(0, 4, 0.6), Node(4, 4, 0.6)), Node(8, 4, 0.6));

        Assert.Equal(3, new RelativeDecision().Decide(root).Leaves().Count());
    }

    [Theory]
    [InlineData(0.10, 0.50, 0.25)] // 0.6 x 0.5, but not above .25
    [InlineData(0.10, 0.30, 0.18)]
    [InlineData(0.10, 0.01, 0.03)] // not below .03
    public void The_limit_is_where_the_verdict_would_turn(double share, double within, double limit) =>
        Near.Equal(limit, new RelativeDecision().Decide(Node(0, 8, share, Node(0, 4, within), Node(4, 4, within))).Limit, 1e-12);

    [Fact]
    public void Directions_without_structure_say_nothing_about_the_cohesion_of_the_others()
    {
        var root = Node(0, 8, 0.02, Node(0, 6, 0.6), new SplitNode(6, 2, [], []) { IsLoose = true });

        Assert.Equal(2, new RelativeDecision().Decide(root).Leaves().Count());
    }

    private static SplitNode Node(int start, int size, double share, params SplitNode[] children) =>
        new(start, size, [new TriedSplit("test", (size / 2, size - size / 2), null, new Dependence(share, share, 1, 1))], children);
}
