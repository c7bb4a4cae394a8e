using SubspaceCircuits.Circuits;
using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.KnownCircuits.Twin;

namespace SubspaceCircuits.Tests.KnownCircuits.Twin;

public class CopyTwinOracleTests
{
    [Theory]
    [InlineData(DisguiseLevel.D0)]
    [InlineData(DisguiseLevel.D1)]
    [InlineData(DisguiseLevel.D2)]
    public void Circuit_of_the_twin_is_read_exactly(DisguiseLevel level)
    {
        using var scope = NewDisposeScope();
        using var known = DisguiseLevels.Apply(CopyTwin.Build(), level, 7).Parts.Assemble("twin");
        using var subspaces = new KnownSubspaces(known);

        var candidates = CircuitBuilder.Candidates(new PartitionedModel(known.Weights, subspaces.Partitions));

        var truth = subspaces.Truth(candidates);
        Assert.Equal(truth.Kept.Select(subspaces.Named(candidates).Named), CircuitSelection.ByStructure(candidates).Kept.Select(subspaces.Named(candidates).Named));
        Assert.Equal(known.Heads.Count(head => head.Role.IsInCircuit), truth.Kept.Where(edge => edge.Kind is EdgeKind.Ov).Select(edge => edge.Via).Distinct().Count());
    }
}
