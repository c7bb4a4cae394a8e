using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits;

/// <summary>How well what a component writes fits what a reader reads, from weights.</summary>
/// <param name="Source">Component.</param>
/// <param name="Reader">Port of a head, MLP or logits, as in <see cref="ComponentGraph"/>.</param>
/// <param name="Energy">‖X‖² of the product X of both maps.</param>
/// <param name="Score">‖X‖² over the squared norms of both maps: the squared composition score of Elhage et al. (2021), for random maps 1/d on average.</param>
/// <param name="Shares">
/// Part of every subspace k of the site that is read, by its id, <c>⟨X_k, X⟩/‖X‖²</c> with <c>X_k</c> the product through the projector on k. They add up to 1 and may be negative.
/// </param>
public sealed record ComponentEdgeScore(string Source, string Reader, double Energy, double Score, IReadOnlyDictionary<string, double> Shares);

/// <summary>
/// Composition of components over the residual stream (Elhage et al. 2021, "virtual weights"), and how it is made up of subspaces. The sum over subspaces is the
/// product itself: whether two components are connected does not depend on the partition, through what they are does.
/// </summary>
/// <remarks>
/// Maps: an embedding its rows less their mean; a head <c>N W_V W_O</c>, as source and as reader of values; queries <c>N W_Q W_Kᵀ Nᵀ</c>; keys the same turned round, and the constant part
/// of the query; an MLP its neurons, each weighted by the norm of its other end; the logits <c>N W_U</c> less the mean over the vocabulary.
/// </remarks>
public static class ComponentComposition
{
    /// <summary>Every edge of <see cref="ComponentGraph.All"/>, in its order.</summary>
    /// <param name="model">The model; moments of its partitions give norms and constant parts.</param>
    public static IReadOnlyList<ComponentEdgeScore> Of(PartitionedModel model)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var weights = model.Weights;
        List<(string Id, Tensor Gram, double Trace)> sources = [];
        List<ComponentEdgeScore> edges = [];
        void Write(string id, Tensor gram) => sources.Add((id, gram, gram.trace().item<double>()));
        void Read(string reader, Tensor gram, Partition site)
        {
            using var inner = NewDisposeScope();
            var trace = gram.trace().item<double>();
            var r = site.R.to(float64);
            foreach (var source in sources)
            {
                using var each = NewDisposeScope();
                var diagonal = (r.T.matmul(source.Gram) * gram.matmul(r).T).sum(dim: 1);              // of Rᵀ G H R, [d_model]
                double[] parts = [.. diagonal.split([.. site.Sizes.Select(size => (long)size)], dim: 0).Select(part => part.sum().item<double>())];
                var energy = Math.Max(0, parts.Sum());
                edges.Add(new ComponentEdgeScore(source.Id, reader, energy, trace > 0 && source.Trace > 0 ? energy / (trace * source.Trace) : 0,
                    parts.Index().ToDictionary(part => Circuit.Id(site.Site!.Value, part.Index), part => energy > 0 ? part.Item / energy : 0)));
            }
        }

        foreach (var (id, table) in new[] { ("embed", weights.WE), ("pos", weights.WPos) })
        {
            var rows = table.to(float64);
            Write(id, Gram((rows - rows.mean([0], keepdim: true)).T));
        }

        for (var layer = 0; layer < weights.Config.NLayers; layer++)
        {
            var (site, block) = (model.AroundAttention(layer).Read, weights.Blocks[layer]);
            using var map = new ReadMap(block.Ln1, weights.Config.Epsilon, site);
            List<(string, Tensor)> heads = [];
            for (var head = 0; head < weights.Config.NHeads; head++)
            {
                var a = block.Attention;
                Tensor Own(Tensor w) => w[head].to(float64);
                Tensor queries = map.Matrix.matmul(Own(a.WQ)), keys = map.Matrix.matmul(Own(a.WK)), values = map.Matrix.matmul(Own(a.WV)), writes = Own(a.WO);  // [d_model, d_head]
                var constant = map.Constant.matmul(Own(a.WQ)) + Own(a.BQ);
                var id = Circuit.HeadId(layer, head);
                Read($"{id}.q", Gram(Product(queries, keys)), site);
                Read($"{id}.k", Gram(Product(keys, queries)) + Gram(keys.matmul(constant).unsqueeze(1)), site);
                Read($"{id}.v", Gram(Product(values, writes.T)), site);
                heads.Add((id, Gram(Product(writes.T, values))));
            }

            foreach (var (id, gram) in heads)
                Write(id, gram);
            if (block.Mlp is not { } mlp)
                continue;
            var middle = model.AroundMlp(layer).Read;
            using var mlpMap = new ReadMap(block.Ln2, weights.Config.Epsilon, middle);
            Tensor ins = mlpMap.Matrix.matmul(mlp.WIn.to(float64)), outs = mlp.WOut.to(float64).T;                                                      // [d_model, d_mlp]
            Read(Circuit.MlpId(layer), Gram(ins * outs.square().sum(dim: 0, keepdim: true).sqrt()), middle);
            Write(Circuit.MlpId(layer), Gram(outs * ins.square().sum(dim: 0, keepdim: true).sqrt()));
        }

        using var last = new ReadMap(weights.LnFinal, weights.Config.Epsilon, model.Last);
        var unembed = last.Matrix.matmul(weights.WU.to(float64));
        Read("logits", Gram(unembed.shape[1] > 1 ? unembed - unembed.mean([1], keepdim: true) : unembed), model.Last);
        return edges;
    }

    /// <summary>
    /// A Bᵀ as a factor of its Gram matrix, with rounding relative to the product: A times what makes B's columns orthonormal. [d_model, d_head]
    /// </summary>
    private static Tensor Product(Tensor a, Tensor b) => Blocks.Orthonormal(b, a).Right;

    /// <summary>F Fᵀ. [d_model, d_model]</summary>
    private static Tensor Gram(Tensor factor) => factor.matmul(factor.T);
}
