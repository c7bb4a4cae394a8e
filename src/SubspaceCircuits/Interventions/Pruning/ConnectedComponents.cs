using SubspaceCircuits.Circuits;
using SubspaceCircuits.Models;

namespace SubspaceCircuits.Interventions.Pruning;

/// <summary>Edges between components that are on a way from the input to the logits.</summary>
public static class ConnectedComponents
{
    /// <summary>For every component the edges that leave it, as their numbers.</summary>
    /// <param name="config">Gives the edges, in the order of <see cref="ComponentGraph.All"/>.</param>
    public static IReadOnlyList<int[]> Leaving(ModelConfig config) =>
        [.. ComponentGraph.All(config).Select((edge, index) => (edge.Source, index)).GroupBy(pair => pair.Source).Select(group => group.Select(pair => pair.index).ToArray())];

    /// <summary>
    /// Takes away, until nothing changes: edges into a component that no kept edge leaves; edges out of one whose value or MLP input has no kept edge, which is a constant; query edges of a head
    /// without key edges, whose scores are equal for all keys.
    /// </summary>
    /// <param name="config">Gives the edges, in the order of <see cref="ComponentGraph.All"/>.</param>
    /// <param name="kept">For every edge whether it is kept.</param>
    public static bool[] WithoutDangling(ModelConfig config, IReadOnlyList<bool> kept)
    {
        (string Source, string Reader)[] edges = [.. ComponentGraph.All(config)];
        bool[] connected = [.. kept];
        while (true)
        {
            var present = edges.Where((_, edge) => connected[edge]).ToArray();
            HashSet<string> used = [.. present.Select(edge => edge.Source)], read = [.. present.Select(edge => edge.Reader)];
            bool Varies(string source) => source is "embed" or "pos" || read.Contains(source[0] == 'a' ? $"{source}.v" : source);
            bool IsUsed(string reader) => reader == "logits" || (reader[0] == 'm' ? used.Contains(reader) : used.Contains(reader[..^2]) && (reader[^1] != 'q' || read.Contains($"{reader[..^2]}.k")));
            bool[] next = [.. connected.Select((isKept, edge) => isKept && Varies(edges[edge].Source) && IsUsed(edges[edge].Reader))];
            if (next.SequenceEqual(connected))
                return connected;
            connected = next;
        }
    }

    /// <summary>
    /// Choices with fewer edges that go past one component each: what it reads goes to its readers directly. Removals alone cannot find them, as they need edges that were removed
    /// before.
    /// </summary>
    /// <param name="config">Gives the edges, in the order of <see cref="ComponentGraph.All"/>.</param>
    /// <param name="kept">For every edge whether it is kept.</param>
    /// <returns>The smallest first.</returns>
    public static IEnumerable<bool[]> Bypasses(ModelConfig config, IReadOnlyList<bool> kept)
    {
        (string Source, string Reader)[] edges = [.. ComponentGraph.All(config)];
        var present = edges.Where((_, edge) => kept[edge]).ToArray();
        var before = present.Length;
        return present.Select(edge => edge.Source).Where(source => source is not ("embed" or "pos")).Distinct()
            .Select(Past).Where(choice => choice.Count(isKept => isKept) < before).OrderBy(choice => choice.Count(isKept => isKept));

        bool[] Past(string component)
        {
            bool IsInto(string reader) => reader == component || reader.StartsWith($"{component}.", StringComparison.Ordinal);
            var sources = present.Where(edge => edge.Reader == component || edge.Reader == $"{component}.v").Select(edge => edge.Source);
            var readers = present.Where(edge => edge.Source == component).Select(edge => edge.Reader);
            HashSet<(string, string)> direct = [.. from source in sources from reader in readers select (source, reader)];
            return WithoutDangling(config, [.. edges.Select((edge, at) => direct.Contains(edge) || (kept[at] && edge.Source != component && !IsInto(edge.Reader)))]);
        }
    }
}
