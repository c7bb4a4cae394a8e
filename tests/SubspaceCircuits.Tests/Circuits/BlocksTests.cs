using SubspaceCircuits.Circuits;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits;

/// <summary>Energies and variances of every kind of block against dense matrices.</summary>
public sealed class BlocksTests
{
    // Weights and rotations are float32; RᵀR is off by about 1e-7, everything after that is float64.
    private const double Rounding = 1e-6;

    public static TheoryData<string> Kinds => RandomModel.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Qk_blocks_are_those_of_the_dense_form(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        foreach (var (layer, head) in Heads(model))
        {
            var (read, _) = model.Model.AroundAttention(layer);
            var (attention, norm) = (model.Weights.Blocks[layer].Attention, model.Weights.Blocks[layer].Ln1);
            using var map = new ReadMap(norm, model.Weights.Config.Epsilon, read);

            var blocks = QkBlocks.Of(read, map, attention, head);

            var n = Dense.ReadMap(norm, model.Weights.Config.Epsilon, read);
            Tensor wQ = attention.WQ[head].to(float64), wK = attention.WK[head].to(float64);
            var form = n.matmul(wQ).matmul(wK.T).matmul(n.T) / Math.Sqrt(model.Weights.Config.DHead); // [d_model, d_model]
            Tensor S(int i, int j) => Dense.Block(read, i, form, read, j);
            Near.Equal(Dense.Table(read, read, (i, j) => Dense.Energy(S(i, j))), blocks.Energy, Rounding);
            Near.Equal(1, blocks.Energy.Cast<double>().Sum() / Dense.Energy(form), Rounding);
            Near.Equal(Dense.Table(read, read, (i, j) => Dense.Covariance(read, i).matmul(S(i, j)).matmul(Dense.Covariance(read, j)).matmul(S(i, j).T).trace().item<double>()),
                blocks.Variance, Rounding);

            // The constant part of the query, as a linear form on the stream: (μN + β) W_Q + b_Q against N W_K.
            var query = (read.Mean.to(float64).matmul(n) + Dense.Shift(norm, read)).matmul(wQ) + attention.BQ[head].to(float64);
            var onStream = n.matmul(wK).matmul(query) / Math.Sqrt(model.Weights.Config.DHead); // [d_model]
            for (var j = 0; j < read.Count; j++)
            {
                var part = read.Basis(j).to(float64).T.matmul(onStream);
                Near.Equal(part.dot(Dense.Covariance(read, j).matmul(part)).item<double>(), blocks.ConstantVariance[j], Rounding * blocks.ConstantVariance.Max());
            }
        }
    }

    /// <summary>As in compiled heads with padding: two subspaces with large queries and large keys in other channels, mixed by a change of coordinates in the head.</summary>
    [Fact]
    public void Scores_that_are_zero_are_zero_however_large_queries_and_keys_are()
    {
        using var scope = NewDisposeScope();
        using var read = new Partition(new Site(0, SiteKind.Pre), eye(2, dtype: float64), [1, 1], zeros(2, dtype: float64), eye(2, dtype: float64));
        using var map = new ReadMap(null, 0, read);
        var mixing = tensor(new[] { 0.3, 1.7, 2.9, 0.7 }, [2, 2]);
        var (wQ, wK) = (diag(tensor(new[] { 1000, 1.0 })).matmul(mixing), diag(tensor(new[] { 1, 1000.0 })).matmul(linalg.inv(mixing).T));
        Tensor Zeros(params long[] shape) => zeros(shape, dtype: float64);
        var attention = new AttentionWeights(wQ.unsqueeze(0), wK.unsqueeze(0), Zeros(1, 2, 2), Zeros(1, 2, 2), Zeros(1, 2), Zeros(1, 2), Zeros(1, 2), Zeros(2));

        var energy = QkBlocks.Of(read, map, attention, 0).Energy;

        Near.Equal(1e6 / 2, energy[0, 0], 1e-6);
        Near.Equal(1e6 / 2, energy[1, 1], 1e-6);
        Assert.InRange(Math.Abs(energy[0, 1]) / energy[0, 0], 0, 1e-14); // 2e-12 from the Gram matrices of these factors as they are
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Ov_blocks_are_those_of_the_dense_map(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        foreach (var (layer, head) in Heads(model))
        {
            var (read, write) = model.Model.AroundAttention(layer);
            var (attention, norm) = (model.Weights.Blocks[layer].Attention, model.Weights.Blocks[layer].Ln1);
            using var map = new ReadMap(norm, model.Weights.Config.Epsilon, read);

            var blocks = OvBlocks.Of(read, write, map, attention, head);

            var dense = Dense.ReadMap(norm, model.Weights.Config.Epsilon, read).matmul(attention.WV[head].to(float64)).matmul(attention.WO[head].to(float64));
            ExpectBlocksOf(dense, read, write, blocks);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Passthrough_blocks_of_a_subspace_add_up_to_its_dimensions(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        foreach (var (read, write) in model.Partitions.Zip(model.Partitions.Skip(1)))
        {
            var blocks = PassthroughBlocks.Of(read, write);

            for (var i = 0; i < read.Count; i++)
                Near.Equal(read.Sizes[i], Enumerable.Range(0, write.Count).Sum(k => blocks.Energy[i, k]), Rounding * 10);
            for (var k = 0; k < write.Count; k++)
                Near.Equal(write.Sizes[k], Enumerable.Range(0, read.Count).Sum(i => blocks.Energy[i, k]), Rounding * 10);
            ExpectBlocksOf(eye(10, dtype: float64), read, write, blocks);
        }
    }

    [Theory]
    [InlineData("GELU")]
    [InlineData("ReLU without norms")]
    public void Mlp_blocks_are_those_of_the_dense_mean_jacobian(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        var (read, write) = model.Model.AroundMlp(1);
        var (mlp, norm, config) = (model.Weights.Blocks[1].Mlp!, model.Weights.Blocks[1].Ln2, model.Weights.Config);
        using var map = new ReadMap(norm, config.Epsilon, read);

        var blocks = MlpBlocks.Of(read, write, map, mlp, config.Activation);

        var reads = Dense.ReadMap(norm, config.Epsilon, read).matmul(mlp.WIn.to(float64)); // [d_model, d_mlp]
        var mean = read.Mean.to(float64).matmul(reads) + Dense.Shift(norm, read).matmul(mlp.WIn.to(float64)) + mlp.BIn.to(float64);
        var variance = reads.T.matmul(read.Covariance.to(float64)).matmul(reads).diagonal();
        var slopes = MlpBlocks.MeanSlope(config.Activation, mean, variance); // tested by itself below
        ExpectVariancesOf(reads.matmul(diag(slopes)).matmul(mlp.WOut.to(float64)), read, write, blocks);
        for (var i = 0; i < read.Count; i++)
        {
            for (var k = 0; k < write.Count; k++)
            {
                var ways = Enumerable.Range(0, (int)mlp.BIn.shape[0]).Sum(neuron => Dense.Energy(read.Basis(i).to(float64).T.matmul(reads.select(1, neuron)))
                    * Dense.Energy(mlp.WOut[neuron].to(float64).matmul(write.Basis(k).to(float64))));
                Near.Equal(ways, blocks.Energy[i, k], Rounding * ways);
            }
        }
    }

    [Fact]
    public void Embedding_energies_add_up_to_those_of_the_centred_table()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        var first = model.Partitions[0];

        var (energy, variance) = EndBlocks.Embedding(model.Weights.WE, first);

        var centred = model.Weights.WE.to(float64) - model.Weights.WE.to(float64).mean([0], keepdim: true);
        Near.Equal(Dense.Energy(centred), energy.Sum(), 1e-5);
        for (var unit = 0; unit < first.Count; unit++)
        {
            Near.Equal(Dense.Energy(centred.matmul(first.Basis(unit).to(float64))), energy[unit], 1e-5);
            Near.Equal(energy[unit] / model.Weights.Config.DVocab, variance[unit], 1e-12);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Unembedding_blocks_are_those_of_the_dense_map(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        var last = model.Model.Last;
        using var map = new ReadMap(model.Weights.LnFinal, model.Weights.Config.Epsilon, last);

        var (energy, variance) = EndBlocks.Unembedding(last, map, model.Weights.WU);

        var dense = Dense.ReadMap(model.Weights.LnFinal, model.Weights.Config.Epsilon, last).matmul(model.Weights.WU.to(float64));
        dense = dense - dense.mean([1], keepdim: true); // softmax does not see what all logits share
        for (var unit = 0; unit < last.Count; unit++)
        {
            var block = last.Basis(unit).to(float64).T.matmul(dense);
            Near.Equal(Dense.Energy(block), energy[unit], Rounding * energy.Sum());
            Near.Equal(block.T.matmul(Dense.Covariance(last, unit)).matmul(block).trace().item<double>(), variance[unit], Rounding * variance.Sum());
        }

        Near.Equal(1, energy.Sum() / Dense.Energy(dense), Rounding);
    }

    /// <summary>Vocabularies are gone through in slices.</summary>
    [Fact]
    public void Ends_of_a_large_vocabulary_are_those_of_the_dense_map()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        var (first, last) = (model.Partitions[0], model.Model.Last);
        var table = randn(9000, 10, dtype: float64, generator: new Generator(5)) + 3;
        using var map = new ReadMap(model.Weights.LnFinal, model.Weights.Config.Epsilon, last);

        var (energy, _) = EndBlocks.Embedding(table, first);
        var (logits, variance) = EndBlocks.Unembedding(last, map, table.T);

        var centred = table - table.mean([0], keepdim: true);
        var dense = Dense.ReadMap(model.Weights.LnFinal, model.Weights.Config.Epsilon, last).matmul(centred.T);
        for (var unit = 0; unit < first.Count; unit++)
            Near.Equal(1, energy[unit] / Dense.Energy(centred.matmul(first.Basis(unit).to(float64))), Rounding);
        for (var unit = 0; unit < last.Count; unit++)
        {
            var block = last.Basis(unit).to(float64).T.matmul(dense);
            Near.Equal(1, logits[unit] / Dense.Energy(block), Rounding);
            Near.Equal(1, variance[unit] / (block * Dense.Covariance(last, unit).matmul(block)).sum().item<double>(), Rounding);
        }

        Near.Equal(1, Dense.Energy(EndBlocks.EmbeddingGram(table)) / Dense.Energy(centred.T.matmul(centred)), Rounding);
    }

    [Fact]
    public void The_variance_of_a_block_is_that_of_what_it_carries()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        var (read, write) = model.Model.AroundAttention(0);
        var map = randn(10, 10, dtype: float64, generator: new Generator(3));

        var variance = Blocks.Of(map, read, write).Variance[0, 1];

        var samples = randn(200_000, read.Sizes[0], dtype: float64, generator: new Generator(4)).matmul(linalg.cholesky(Dense.Covariance(read, 0)).T);
        var carried = samples.matmul(map.narrow(0, 0, read.Sizes[0]).narrow(1, write.Sizes[0], write.Sizes[1])); // [sample, d_unit]
        Near.Equal(1, carried.var(0).sum().item<double>() / variance, 0.02); // the relative error of a variance is √(2/n) = .003
    }

    [Theory]
    [InlineData(Activation.Relu, 1e-6)]
    [InlineData(Activation.Gelu, 1e-9)]
    [InlineData(Activation.GeluNew, 1e-9)]
    public void MeanSlope_is_that_of_numerical_integration(Activation activation, double tolerance)
    {
        using var scope = NewDisposeScope();
        var mean = tensor(new[] { -3.0, -0.7, 0, 0.4, 2.5, -1.1 });
        var deviation = tensor(new[] { 0.5, 1.3, 1, 0.2, 3, 0.05 });

        var slopes = MlpBlocks.MeanSlope(activation, mean, deviation.square());

        // E[g'(a)] = E[g(m + s z) z]/s for z ~ N(0, 1), by the trapezoidal rule.
        var z = linspace(-9, 9, 400_001, dtype: float64).unsqueeze(-1);
        var a = mean + deviation * z;
        var g = activation switch
        {
            Activation.Relu => a.relu(),
            Activation.Gelu => nn.functional.gelu(a),
            _ => 0.5 * a * (1 + (Math.Sqrt(2 / Math.PI) * (a + 0.044715 * a.pow(3))).tanh()),
        };
        var density = (-0.5 * z.square()).exp() / Math.Sqrt(2 * Math.PI);
        Near.Equal((g * z * density).sum(dim: 0) * (18.0 / 400_000) / deviation, slopes, tolerance);
    }

    [Fact]
    public void MeanSlope_without_variance_is_the_slope_at_the_mean()
    {
        using var scope = NewDisposeScope();

        var slopes = MlpBlocks.MeanSlope(Activation.Relu, tensor(new[] { -0.5, 2.0 }), zeros(2, dtype: float64));

        Near.Equal(tensor(new[] { 0.0, 1.0 }), slopes, 0);
    }

    private static void ExpectBlocksOf(Tensor dense, Partition read, Partition write, Blocks blocks)
    {
        Tensor T(int j, int k) => Dense.Block(read, j, dense, write, k);
        Near.Equal(Dense.Table(read, write, (j, k) => Dense.Energy(T(j, k))), blocks.Energy, Rounding);
        Near.Equal(1, blocks.Energy.Cast<double>().Sum() / Dense.Energy(dense), Rounding);
        ExpectVariancesOf(dense, read, write, blocks);
    }

    private static void ExpectVariancesOf(Tensor dense, Partition read, Partition write, Blocks blocks)
    {
        Tensor T(int j, int k) => Dense.Block(read, j, dense, write, k);
        Near.Equal(Dense.Table(read, write, (j, k) => T(j, k).T.matmul(Dense.Covariance(read, j)).matmul(T(j, k)).trace().item<double>()), blocks.Variance, Rounding);
    }

    private static IEnumerable<(int Layer, int Head)> Heads(RandomModel model) =>
        from layer in Enumerable.Range(0, model.Weights.Config.NLayers)
        from head in Enumerable.Range(0, model.Weights.Config.NHeads)
        select (layer, head);
}
