using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Discovery.Proposals;

namespace SubspaceCircuits.Tests.Subspaces.Discovery.Proposals;

public sealed class MatchProposalTests
{
    [Fact]
    public void A_variable_is_found_with_the_directions_that_small_changes_do_not_show()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        // The first variable has 40 values in two far classes: its near neighbours are of one class, and the direction of the class does not show in their differences.
        const int Rows = 12_000, Width = 40, First = 9;
        var value = randint(40, [Rows], generator: generator);
        var within = randn([40, First - 1], generator: generator).index_select(0, value);
        var between = 8 * value.ge(20).to(float32).unsqueeze(1) - 4;
        var other = randn([60, Width - First], generator: generator).index_select(0, randint(60, [Rows], generator: generator));
        var rotation = Rotation.Random(Width, generator);
        var rows = (cat([within, between, other], dim: 1) + 0.02 * randn([Rows, Width], generator: generator)).matmul(rotation.T);
        rows = rows - rows.mean([0]);
        var (values, vectors) = linalg.eigh(rows.T.matmul(rows) / Rows);
        var group = new SplitGroup(rows.matmul(vectors * values.rsqrt()), diag(values));
        var truth = (values.rsqrt().unsqueeze(1) * vectors.T).matmul(rows.T.matmul(rows) / Rows).matmul(rotation.narrow(1, 0, First)); // how the first group is read

        SplitProposal[] found = [.. new MatchProposal().Propose(group, 2, generator, TestContext.Current.CancellationToken)];

        var basis = linalg.qr(truth).Q;
        double Best(SplitProposal proposal) => Math.Max(SubspaceOverlap.Of(basis, proposal.Basis.narrow(1, 0, proposal.Size)), SubspaceOverlap.Of(basis, proposal.Basis.narrow(1, proposal.Size, Width - proposal.Size)));
        Assert.True(found.Max(Best) > 0.85, $"the best of {found.Length} proposals has overlap {found.Select(Best).DefaultIfEmpty(0).Max():0.000}");
        Assert.All(found, proposal => Near.Equal(0, Rotation.OrthogonalityError(proposal.Basis), 1e-4));
    }

    [Fact]
    public void Narrow_groups_are_left_to_others()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);

        Assert.Empty(new MatchProposal().Propose(new SplitGroup(randn([2000, 8], generator: generator), eye(8)), 2, generator, TestContext.Current.CancellationToken));
    }
}
