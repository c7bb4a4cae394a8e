using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Discovery;
using SubspaceCircuits.Subspaces.Synthetic;
using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests;

public sealed class DiscoveryDocumentTests
{
    [Fact]
    public void What_was_found_is_written_with_its_numbers_and_read_again()
    {
        using var folder = new TemporaryFolder();
        using var made = SyntheticActivations.Make(new SyntheticSettings { Groups = [new(3, 10), new(4, 12)], Rows = 3000, Seed = 1 });
        using var result = PartitionSearch.Discover(made.Rows, null, new DiscoverySettings { Replicates = 1 }, cancellation: TestContext.Current.CancellationToken);

        PartitionFiles.Write(folder["x"], result, new Dictionary<string, double[]>());

        var document = PartitionFiles.ReadDocument(folder["x"]);
        var discovery = document.Discovery!;
        Assert.Equal("discover", document.Strategy);
        Assert.Equal(DiscoveryOutcome.Subspaces, discovery.Outcome);
        Assert.Equal(document.Sizes, discovery.Subspaces.Select(subspace => subspace.Size));
        Assert.Equal([2], discovery.ReplicateCounts);
        Assert.Equal(3000, discovery.Rows + discovery.SetAside);
        Assert.Equal(SplitVerdict.Split, discovery.Tree.Verdict);
        Assert.Equal(7, discovery.Tree.Size);
        Assert.Equal(7, discovery.Tree.Children.Sum(child => child.Size));
        Assert.True(discovery.Tree.Share < discovery.Tree.Limit);
        Assert.Equal(discovery.Tree.Tried.Min(cut => cut.Share), discovery.Tree.Share);
        Assert.All(discovery.Tree.Tried, cut => Assert.Equal(7, cut.Sizes.Sum()));
        Assert.All(discovery.Subspaces, subspace => Assert.Equal(StabilityVerdict.Stable, subspace.Verdict));
        using var partition = PartitionFiles.Read(folder["x"]);
        Assert.Equal(document.Sizes, partition.Sizes);
    }
}
