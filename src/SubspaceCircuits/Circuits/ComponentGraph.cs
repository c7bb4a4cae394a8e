using SubspaceCircuits.Models;

namespace SubspaceCircuits.Circuits;

/// <summary>
/// A circuit between components instead of subspaces: which embedding, head or MLP reaches which reader (a head's queries, keys and
/// values, an MLP, the logits) through kept subspaces. Comparable with component-level pruning.
/// </summary>
public static class ComponentGraph
{
    /// <summary>
    /// How many component edges the model has: <c>Σ_l [3H(2 + lH + l) + 2 + (l+1)H + l] + 2 + LH + L</c>; without MLPs the terms that
    /// count them fall away.
    /// </summary>
    public static int CountAll(ModelConfig config) => All(config).Count();

    /// <summary>Source and reader of every component edge that the model has, in the order of the computation.</summary>
    public static IEnumerable<(string Source, string Reader)> All(ModelConfig config)
    {
        List<string> sources = ["embed", "pos"];
        for (var layer = 0; layer < config.NLayers; layer++)
        {
            string[] heads = [.. Enumerable.Range(0, config.NHeads).Select(head => Circuit.HeadId(layer, head))];
            foreach (var pair in from head in heads from port in "qkv" from source in sources select (source, $"{head}.{port}"))
                yield return pair;
            sources.AddRange(heads);
            if (config.IsAttentionOnly)
                continue;
            foreach (var source in sources)
                yield return (source, Circuit.MlpId(layer));
            sources.Add(Circuit.MlpId(layer));
        }

        foreach (var source in sources)
            yield return (source, "logits");
    }

    /// <summary>Source and reader (<c>a1.0.k</c>, <c>m0</c>, <c>logits</c>) of every component edge that the kept edges make.</summary>
    public static IReadOnlyList<(string Source, string Reader)> Edges(Circuit circuit)
    {
        // Which components a subspace holds something of, found in the order of the computation.
        Dictionary<string, HashSet<string>> sources = [];
        HashSet<string> At(string id) => sources.TryGetValue(id, out var held) ? held : sources[id] = [];
        SortedSet<(string, string)> edges = [];
        void Read(string? subspace, string reader)
        {
            if (subspace is not null && subspace != "const")
                edges.UnionWith(At(subspace).Select(source => (source, reader)));
        }

        foreach (var edge in circuit.Kept)
        {
            switch (edge.Kind)
            {
                case EdgeKind.Embed or EdgeKind.Pos:
                    At(edge.To!).Add(edge.From!);
                    break;
                case EdgeKind.Passthrough:
                    At(edge.To!).UnionWith(At(edge.From!));
                    break;
                case EdgeKind.Ov:
                    Read(edge.From, $"{edge.Via}.v");
                    At(edge.To!).Add(edge.Via!);
                    break;
                case EdgeKind.Mlp:
                    Read(edge.From, edge.Via!);
                    At(edge.To!).Add(edge.Via!);
                    break;
                case EdgeKind.Qk:
                    Read(edge.Query, $"{edge.Via}.q");
                    Read(edge.Key, $"{edge.Via}.k");
                    break;
                default:
                    Read(edge.From, edge.To!);
                    break;
            }
        }

        return [.. edges];
    }
}
