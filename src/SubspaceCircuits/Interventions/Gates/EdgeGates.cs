using SubspaceCircuits.Circuits;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Interventions;

/// <summary>Where the gate of every edge of a circuit stands in the vector of all gates, which has the order of its edges.</summary>
internal sealed class EdgeGates
{
    private readonly Dictionary<(EdgeKind, string?, string, string), int> _places = [];
    private readonly Device _device;

    public EdgeGates(Circuit candidates, Device device)
    {
        _device = device;
        for (var place = 0; place < candidates.Edges.Count; place++)
            _places[candidates.Edges[place].Place] = place;
    }

    /// <summary>Places of all edges from some ids to others.</summary>
    /// <returns>int64. [from, to]</returns>
    /// <exception cref="ArgumentException">The circuit does not list an edge.</exception>
    public Tensor Places(EdgeKind kind, string? via, IEnumerable<string> from, IReadOnlyList<string> to)
    {
        int Place(string source, string target) => _places.TryGetValue((kind, via, source, target), out var place) ? place
            : throw new ArgumentException($"The circuit does not list the {kind} edge from {source} to {target}{(via is null ? "" : $" through {via}")}: it should list every candidate of this model and these partitions, kept or not.");
        long[] places = [.. from.SelectMany(source => to.Select(target => (long)Place(source, target)))];
        return tensor(places, [places.Length / to.Count, to.Count], device: _device);
    }

    /// <summary>Ids of the subspaces of a partition.</summary>
    public static IReadOnlyList<string> Ids(Partition partition) => [.. Enumerable.Range(0, partition.Count).Select(unit => Circuit.Id(partition.Site!.Value, unit))];

    /// <summary>Gates at some places.</summary>
    /// <param name="gates">[edge] or [batch, edge]</param>
    /// <param name="places">[...]</param>
    /// <returns>[...] or [batch, ...]</returns>
    public static Tensor At(Tensor gates, Tensor places) =>
        gates.index_select(-1, places.flatten()).reshape([.. gates.shape[..^1], .. places.shape]);
}
