namespace SubspaceCircuits.Circuits.Heads;

/// <summary>How the heads of a layer share its edges, and what every two of them are to each other; from weights and partitions only.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Edges">Every pair of a read and a write subspace, the greatest energy first.</param>
/// <param name="Pairs">Every pair of heads: those with a verdict first, then by strength.</param>
public sealed record HeadsOfLayer(int Layer, IReadOnlyList<HeadEdge> Edges, IReadOnlyList<HeadPair> Pairs)
{
    /// <summary>Pairs that have a verdict.</summary>
    public IEnumerable<HeadPair> Named => Pairs.Where(pair => pair.Verdict is not HeadPairVerdict.None);

    /// <summary>Every layer of a model.</summary>
    public static IReadOnlyList<HeadsOfLayer> All(PartitionedModel model, HeadMetric metric = HeadMetric.Weights, HeadPairThresholds? thresholds = null) =>
        [.. Enumerable.Range(0, model.Weights.Config.NLayers).Select(layer => Of(model, layer, metric, thresholds))];

    /// <summary>One layer.</summary>
    /// <param name="model">Model and partitions.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="metric">How directions count.</param>
    /// <param name="thresholds">From where on pairs are named; null for the defaults.</param>
    public static HeadsOfLayer Of(PartitionedModel model, int layer, HeadMetric metric = HeadMetric.Weights, HeadPairThresholds? thresholds = null)
    {
        var (read, write) = model.AroundAttention(layer);
        var block = model.Weights.Blocks[layer];
        using var map = new ReadMap(block.Ln1, model.Weights.Config.Epsilon, read);
        var (ov, qk) = (HeadProducts.OfOv(read, write, map, block.Attention, metric), HeadProducts.OfQk(read, map, block.Attention, metric));
        var (wholeOv, wholeQk) = (HeadProducts.OfOv(read, write, map, block.Attention, metric, isWhole: true), HeadProducts.OfQk(read, map, block.Attention, metric, isWhole: true));
        string Read(int unit) => unit == read.Count ? "const" : Circuit.Id(read.Site!.Value, unit);
        string Write(int unit) => Circuit.Id(write.Site!.Value, unit);

        IEnumerable<(int Left, int Right)> Units(HeadProducts products) => from i in Enumerable.Range(0, products.LeftSizes.Count) from j in Enumerable.Range(0, products.RightSizes.Count) select (i, j);
        HeadPair Pair(int one, int other) => HeadPair.Of(Circuit.HeadId(layer, one), Circuit.HeadId(layer, other), BlockComparison.Whole(wholeQk, one, other), BlockComparison.Whole(wholeOv, one, other),
            [.. Units(qk).Select(at => BlockComparison.Of(qk, one, other, at.Left, at.Right, Read, Read))],
            [.. Units(ov).Select(at => BlockComparison.Of(ov, one, other, at.Left, at.Right, Read, Write))], thresholds ?? new HeadPairThresholds());

        var pairs = from one in Enumerable.Range(0, ov.Heads) from other in Enumerable.Range(one + 1, ov.Heads - one - 1) select Pair(one, other);
        return new HeadsOfLayer(layer, [.. Units(ov).Select(at => HeadEdge.Of(ov, at.Left, at.Right, Read, Write)).OrderByDescending(edge => edge.Energy)],
            [.. pairs.OrderBy(pair => pair.Verdict is HeadPairVerdict.None).ThenByDescending(pair => pair.Strength)]);
    }
}
