using SubspaceCircuits.Circuits;

namespace SubspaceCircuits.Runs.Interchange;

/// <summary>An edge between components.</summary>
/// <param name="Source"><c>embed</c>, <c>pos</c>, a head <c>a0.1</c> or an MLP <c>m0</c>.</param>
/// <param name="Reader">Queries, keys or values of a head (<c>a1.0.q</c>), an MLP <c>m0</c>, or <c>logits</c>.</param>
/// <param name="Score">How strong it is.</param>
/// <param name="IsKept">Whether it belongs to the circuit.</param>
public sealed record ComponentEdge(string Source, string Reader, double Score, bool IsKept)
{
    /// <summary>
    /// The component edges that subspaces carry: one is kept if <see cref="ComponentGraph.Edges"/> has it. Its score is the greatest
    /// threshold that leaves it: of all ways of subspace edges from the source to the reader the best one's weakest edge.
    /// </summary>
    /// <param name="circuit">All candidates with scores, in the order of the computation.</param>
    /// <param name="score">Name of the score, as in <see cref="ScoreName"/>.</param>
    public static IReadOnlyList<ComponentEdge> Of(Circuit circuit, string score)
    {
        // How much of a component a subspace holds: the weakest edge of the best way to it.
        Dictionary<string, Dictionary<string, double>> held = [];
        Dictionary<(string Source, string Reader), double> edges = [];
        Dictionary<string, double> At(string id) => held.TryGetValue(id, out var sources) ? sources : held[id] = [];
        static void Raise<T>(Dictionary<T, double> best, T key, double value)
            where T : notnull
        {
            if (!best.TryGetValue(key, out var found) || value > found)
                best[key] = value;
        }

        void Read(string? subspace, string reader, double value)
        {
            if (subspace is null or "const")
                return;
            foreach (var (source, amount) in At(subspace))
                Raise(edges, (source, reader), Math.Min(amount, value));
        }

        foreach (var edge in circuit.Edges)
        {
            var value = ScoreName.Of(edge, score);
            switch (edge.Kind)
            {
                case EdgeKind.Embed or EdgeKind.Pos:
                    Raise(At(edge.To!), edge.From!, value);
                    break;
                case EdgeKind.Passthrough:
                    foreach (var (source, amount) in At(edge.From!))
                        Raise(At(edge.To!), source, Math.Min(amount, value));
                    break;
                case EdgeKind.Ov:
                    Read(edge.From, $"{edge.Via}.v", value);
                    Raise(At(edge.To!), edge.Via!, value);
                    break;
                case EdgeKind.Mlp:
                    Read(edge.From, edge.Via!, value);
                    Raise(At(edge.To!), edge.Via!, value);
                    break;
                case EdgeKind.Qk:
                    Read(edge.Query, $"{edge.Via}.q", value);
                    Read(edge.Key, $"{edge.Via}.k", value);
                    break;
                default:
                    Read(edge.From, edge.To!, value);
                    break;
            }
        }

        var kept = ComponentGraph.Edges(circuit).ToHashSet();
        return [.. edges.Select(edge => new ComponentEdge(edge.Key.Source, edge.Key.Reader, edge.Value, kept.Contains(edge.Key)))];
    }
}
