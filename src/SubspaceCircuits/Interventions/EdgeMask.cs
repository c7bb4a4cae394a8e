using SubspaceCircuits.Circuits;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Interventions;

/// <summary>Which edges of a circuit are kept, and the block masks that follow.</summary>
internal sealed class EdgeMask(Circuit circuit)
{
    private readonly HashSet<(EdgeKind, string?, string, string)> _kept =
        [.. circuit.Kept.Select(edge => (edge.Kind, edge.Via, edge.From ?? edge.Query!, edge.To ?? edge.Key!))];

    /// <summary>Whether an edge is kept; a QK edge goes from its query to its key.</summary>
    public bool Has(EdgeKind kind, string? via, string from, string to) => _kept.Contains((kind, via, from, to));

    /// <summary>A map between two sites with the blocks of removed edges set to zero.</summary>
    /// <param name="map">In the bases of both partitions. [d_model, d_model]</param>
    /// <param name="kind">Kind of the edges.</param>
    /// <param name="via">Component they go through.</param>
    /// <param name="read">Partition of the rows.</param>
    /// <param name="write">Partition of the columns.</param>
    public Tensor Apply(Tensor map, EdgeKind kind, string? via, Partition read, Partition write) =>
        map * Partition.BlockMask(read, write, (i, k) => Has(kind, via, Id(read, i), Id(write, k))).to(map.dtype);

    public static string Id(Partition partition, int unit) => Circuit.Id(partition.Site!.Value, unit);
}
