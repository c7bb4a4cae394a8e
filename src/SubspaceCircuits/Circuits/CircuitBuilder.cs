using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits;

/// <summary>
/// Lists every candidate edge of a partitioned model with its scores, from weights and partitions only.
/// Attention and MLP each read one site and write the next, beside the passthrough of the stream itself.
/// </summary>
public static class CircuitBuilder
{
    private const string Embed = "embed", Pos = "pos", Const = "const", Logits = "logits";

    /// <summary>All nodes and candidate edges; all are kept.</summary>
    public static Circuit Candidates(PartitionedModel model)
    {
        List<CircuitEdge> edges = [.. EmbeddingEdges(model)];
        for (var layer = 0; layer < model.Weights.Config.NLayers; layer++)
        {
            edges.AddRange(AttentionEdges(model, layer));
            if (!model.Weights.Config.IsAttentionOnly)
                edges.AddRange(MlpEdges(model, layer));
        }

        edges.AddRange(UnembeddingEdges(model));
        return new Circuit([.. Nodes(model)], WithArrivingShares(edges));
    }

    private static IEnumerable<CircuitNode> Nodes(PartitionedModel model)
    {
        var config = model.Weights.Config;
        IEnumerable<CircuitNode> Subspaces(Partition partition) => partition.Sizes.Select((size, unit) =>
            new CircuitNode(Circuit.Id(partition.Site!.Value, unit), NodeKind.Subspace, partition.Site.Value.ToString(), size));

        List<CircuitNode> nodes = [new(Embed, NodeKind.Embed), new(Pos, NodeKind.Pos), new(Const, NodeKind.Const), .. Subspaces(model.Partitions[0])];
        for (var layer = 0; layer < config.NLayers; layer++)
        {
            nodes.AddRange(Enumerable.Range(0, config.NHeads).Select(head => new CircuitNode(Circuit.HeadId(layer, head), NodeKind.Head)));
            nodes.AddRange(Subspaces(model.AroundAttention(layer).Write));
            if (config.IsAttentionOnly)
                continue;
            nodes.Add(new CircuitNode(Circuit.MlpId(layer), NodeKind.Mlp));
            nodes.AddRange(Subspaces(model.AroundMlp(layer).Write));
        }

        return [.. nodes, new(Logits, NodeKind.Logits)];
    }

    private static IEnumerable<CircuitEdge> EmbeddingEdges(PartitionedModel model)
    {
        var first = model.Partitions[0];
        foreach (var (kind, from, table) in new[] { (EdgeKind.Embed, Embed, model.Weights.WE), (EdgeKind.Pos, Pos, model.Weights.WPos) })
        {
            var (energy, variance) = EndBlocks.Embedding(table, first);
            for (var unit = 0; unit < first.Count; unit++)
                yield return new(kind, null, from, Circuit.Id(first.Site!.Value, unit), null, null, Scores(energy[unit], energy.Sum(), variance[unit]));
        }
    }

    private static IEnumerable<CircuitEdge> AttentionEdges(PartitionedModel model, int layer)
    {
        var (read, write) = model.AroundAttention(layer);
        var block = model.Weights.Blocks[layer];
        using var map = new ReadMap(block.Ln1, model.Weights.Config.Epsilon, read);
        for (var head = 0; head < model.Weights.Config.NHeads; head++)
        {
            var via = Circuit.HeadId(layer, head);
            foreach (var edge in QkEdges(QkBlocks.Of(read, map, block.Attention, head), read, via))
                yield return edge;
            foreach (var edge in BlockEdges(EdgeKind.Ov, via, OvBlocks.Of(read, write, map, block.Attention, head), read, write))
                yield return edge;
        }

        foreach (var edge in BlockEdges(EdgeKind.Passthrough, null, PassthroughBlocks.Of(read, write), read, write))
            yield return edge;
    }

    private static IEnumerable<CircuitEdge> MlpEdges(PartitionedModel model, int layer)
    {
        var (read, write) = model.AroundMlp(layer);
        var block = model.Weights.Blocks[layer];
        using var map = new ReadMap(block.Ln2, model.Weights.Config.Epsilon, read);
        var blocks = MlpBlocks.Of(read, write, map, block.Mlp!, model.Weights.Config.Activation);
        return [.. BlockEdges(EdgeKind.Mlp, Circuit.MlpId(layer), blocks, read, write),
            .. BlockEdges(EdgeKind.Passthrough, null, PassthroughBlocks.Of(read, write), read, write)];
    }

    private static IEnumerable<CircuitEdge> UnembeddingEdges(PartitionedModel model)
    {
        using var map = new ReadMap(model.Weights.LnFinal, model.Weights.Config.Epsilon, model.Last);
        var (energy, variance) = EndBlocks.Unembedding(model.Last, map, model.Weights.WU);
        return [.. energy.Select((value, unit) => new CircuitEdge(EdgeKind.Unembed, null, Circuit.Id(model.Last.Site!.Value, unit), Logits, null, null,
            Scores(value, energy.Sum(), variance[unit])))];
    }

    private static IEnumerable<CircuitEdge> QkEdges(QkBlocks blocks, Partition read, string via)
    {
        var total = blocks.Energy.Cast<double>().Sum();
        string Unit(int unit) => Circuit.Id(read.Site!.Value, unit);
        for (var key = 0; key < read.Count; key++)
        {
            yield return new(EdgeKind.Qk, via, null, null, Const, Unit(key), Scores(0, total, blocks.ConstantVariance[key]));
            for (var query = 0; query < read.Count; query++)
                yield return new(EdgeKind.Qk, via, null, null, Unit(query), Unit(key), Scores(blocks.Energy[query, key], total, blocks.Variance[query, key]));
        }
    }

    private static IEnumerable<CircuitEdge> BlockEdges(EdgeKind kind, string? via, Blocks blocks, Partition read, Partition write)
    {
        var total = blocks.Energy.Cast<double>().Sum();
        for (var k = 0; k < write.Count; k++)
        {
            for (var j = 0; j < read.Count; j++)
                yield return new(kind, via, Circuit.Id(read.Site!.Value, j), Circuit.Id(write.Site!.Value, k), null, null, Scores(blocks.Energy[j, k], total, blocks.Variance[j, k]));
        }
    }

    private static EdgeScores Scores(double energy, double totalEnergy, double variance) =>
        new(energy, totalEnergy > 0 ? energy / totalEnergy : 0, variance, 0);

    private static IReadOnlyList<CircuitEdge> WithArrivingShares(IReadOnlyList<CircuitEdge> edges)
    {
        var arriving = edges.GroupBy(edge => edge.Target).ToDictionary(group => group.Key, group => group.Sum(edge => edge.Scores.Variance));
        return [.. edges.Select(edge => edge with
        {
            Scores = edge.Scores with { VarianceShare = arriving[edge.Target] > 0 ? edge.Scores.Variance / arriving[edge.Target] : 0 },
        })];
    }
}
