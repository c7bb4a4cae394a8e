using SubspaceCircuits.Circuits;

namespace SubspaceCircuits.Tests;

/// <summary>Circuits of given sizes with all candidate edges and random scores, those above one half kept.</summary>
internal static class SmallCircuit
{
    public static Circuit Random(int layers, int heads, bool hasMlps, int seed)
    {
        var random = new Random(seed);
        List<CircuitNode> nodes = [new("embed", NodeKind.Embed), new("pos", NodeKind.Pos), new("const", NodeKind.Const)];
        List<CircuitEdge> edges = [];
        void Add(EdgeKind kind, string? via, string? from, string? to, string? query = null, string? key = null)
        {
            var score = random.NextDouble();
            edges.Add(new CircuitEdge(kind, via, from, to, query, key, new EdgeScores(random.NextDouble(), random.NextDouble(), random.NextDouble(), score), score > 0.5));
        }

        string[] Site(string name)
        {
            string[] ids = [$"{name}/0", $"{name}/1"];
            nodes.AddRange(ids.Select(id => new CircuitNode(id, NodeKind.Subspace, name, 4)));
            return ids;
        }

        var read = Site("x0.pre");
        foreach (var to in read)
        {
            Add(EdgeKind.Embed, null, "embed", to);
            Add(EdgeKind.Pos, null, "pos", to);
        }

        for (var layer = 0; layer < layers; layer++)
        {
            string[] ids = [.. Enumerable.Range(0, heads).Select(head => $"a{layer}.{head}")];
            nodes.AddRange(ids.Select(id => new CircuitNode(id, NodeKind.Head)));
            var write = Site(hasMlps ? $"x{layer}.mid" : $"x{layer}.post");
            foreach (var id in ids)
            {
                foreach (var key in read)
                {
                    foreach (var query in (string[])["const", .. read])
                        Add(EdgeKind.Qk, id, null, null, query, key);
                    foreach (var to in write)
                        Add(EdgeKind.Ov, id, key, to);
                }
            }

            Pass(read, write);
            read = write;
            if (!hasMlps)
                continue;
            nodes.Add(new CircuitNode($"m{layer}", NodeKind.Mlp));
            write = Site($"x{layer}.post");
            foreach (var (from, to) in from one in read from other in write select (one, other))
                Add(EdgeKind.Mlp, $"m{layer}", from, to);
            Pass(read, write);
            read = write;
        }

        nodes.Add(new CircuitNode("logits", NodeKind.Logits));
        foreach (var from in read)
            Add(EdgeKind.Unembed, null, from, "logits");
        return new Circuit(nodes, edges);

        void Pass(string[] sources, string[] targets)
        {
            foreach (var (one, other) in from a in sources from b in targets select (a, b))
                Add(EdgeKind.Passthrough, null, one, other);
        }
    }
}
