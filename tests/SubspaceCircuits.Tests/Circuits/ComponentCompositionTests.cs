using SubspaceCircuits.Circuits;

namespace SubspaceCircuits.Tests.Circuits;

/// <summary>Composition of components against products of dense matrices.</summary>
public sealed class ComponentCompositionTests
{
    public static TheoryData<string> Kinds => RandomModel.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Energies_are_those_of_the_dense_products_and_shares_those_of_their_parts(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);

        var edges = ComponentComposition.Of(model.Model);

        Assert.Equal(ComponentGraph.All(model.Weights.Config), edges.Select(edge => (edge.Source, edge.Reader)));
        foreach (var edge in edges)
        {
            var (write, read, site) = (Writes(model, edge.Source), Reads(model, edge.Reader), SiteOf(model, edge.Reader));
            var product = write.matmul(read);
            var energy = Dense.Energy(product);
            Assert.Equal(1, edge.Energy / energy, 1e-5);
            Assert.Equal(1, edge.Score * Dense.Energy(write) * Dense.Energy(read) / energy, 1e-5);
            Assert.Equal(site.Count, edge.Shares.Count);
            for (var unit = 0; unit < site.Count; unit++)
            {
                var basis = site.Basis(unit).to(float64);
                var part = write.matmul(basis).matmul(basis.T).matmul(read);
                Assert.Equal((part * product).sum().item<double>() / energy, edge.Shares[$"{site.Site}/{unit}"], 1e-5);
            }

            Assert.Equal(1, edge.Shares.Values.Sum(), 1e-5);
        }
    }

    private static Tensor Writes(RandomModel model, string source)
    {
        var weights = model.Weights;
        if (source is "embed" or "pos")
        {
            var table = (source == "embed" ? weights.WE : weights.WPos).to(float64);
            return table - table.mean([0], keepdim: true);
        }

        var layer = source[1] - '0';
        if (source[0] == 'a')
            return Read(model, layer, weights.Blocks[layer].Attention.WV[source[^1] - '0']).matmul(weights.Blocks[layer].Attention.WO[source[^1] - '0'].to(float64));
        var (into, outOf) = Neurons(model, layer);
        return into.square().sum(dim: 0).sqrt().unsqueeze(1) * outOf;
    }

    /// <summary>[d_model, anything]</summary>
    private static Tensor Reads(RandomModel model, string reader)
    {
        var weights = model.Weights;
        if (reader == "logits")
        {
            var unembed = Dense.ReadMap(weights.LnFinal, weights.Config.Epsilon, model.Model.Last).matmul(weights.WU.to(float64));
            return unembed - unembed.mean([1], keepdim: true);
        }

        var layer = reader[1] - '0';
        if (reader[0] == 'm')
        {
            var (into, outOf) = Neurons(model, layer);
            return into * outOf.square().sum(dim: 1).sqrt().unsqueeze(0);
        }

        var (head, port, attention) = (reader[3] - '0', reader[^1], weights.Blocks[layer].Attention);
        Tensor queries = Read(model, layer, attention.WQ[head]), keys = Read(model, layer, attention.WK[head]);
        if (port == 'v')
            return Read(model, layer, attention.WV[head]).matmul(attention.WO[head].to(float64));
        if (port == 'q')
            return queries.matmul(keys.T);
        var (site, norm) = (model.Model.AroundAttention(layer).Read, weights.Blocks[layer].Ln1);
        var constant = (site.Mean.to(float64).matmul(Dense.ReadMap(norm, weights.Config.Epsilon, site)) + Dense.Shift(norm, site)).matmul(attention.WQ[head].to(float64)) + attention.BQ[head].to(float64);
        return cat([keys.matmul(queries.T), keys.matmul(constant).unsqueeze(1)], dim: 1);
    }

    private static Tensor Read(RandomModel model, int layer, Tensor w) =>
        Dense.ReadMap(model.Weights.Blocks[layer].Ln1, model.Weights.Config.Epsilon, model.Model.AroundAttention(layer).Read).matmul(w.to(float64));

    private static (Tensor Into, Tensor OutOf) Neurons(RandomModel model, int layer)
    {
        var block = model.Weights.Blocks[layer];
        return (Dense.ReadMap(block.Ln2, model.Weights.Config.Epsilon, model.Model.AroundMlp(layer).Read).matmul(block.Mlp!.WIn.to(float64)), block.Mlp.WOut.to(float64));
    }

    private static SubspaceCircuits.Subspaces.Partition SiteOf(RandomModel model, string reader) => reader == "logits" ? model.Model.Last
        : reader[0] == 'm' ? model.Model.AroundMlp(reader[1] - '0').Read : model.Model.AroundAttention(reader[1] - '0').Read;
}
