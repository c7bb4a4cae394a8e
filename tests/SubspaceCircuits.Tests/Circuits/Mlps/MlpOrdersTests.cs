using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Mlps;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits.Mlps;

/// <summary>Orders of an MLP's variance against explicit tensors and against Gaussian streams that are drawn and run.</summary>
public sealed class MlpOrdersTests
{
    private const int Draws = 150_000;

    [Theory]
    [InlineData("GELU")]
    [InlineData("tanh GELU")]
    [InlineData("ReLU without norms")]
    public void Second_order_by_grams_is_that_of_the_explicit_tensor(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        var (read, write) = model.Model.AroundMlp(0);
        using var map = Map(model);

        var orders = Orders(model, map, 1);

        var (reads, mean, deviation) = Neurons(model, map);
        var curvature = GaussianActivation.MeanCurvature(model.Weights.Config.Activation, mean, deviation.square());     // tested by itself
        var writes = model.Weights.Blocks[0].Mlp!.WOut.to(float64);
        for (var i = 0; i < read.Count; i++)
        {
            for (var other = 0; other < read.Count; other++)
            {
                for (var k = 0; k < write.Count; k++)
                {
                    Tensor Seen(int unit) => read.Basis(unit).to(float64).T.matmul(reads);
                    var h = einsum("n,an,bn,nc->abc", 0.5 * curvature, Seen(i), Seen(other), writes.matmul(write.Basis(k).to(float64)));
                    Near.Equal(Dense.Energy(h), orders.SecondEnergy[i, other, k], 1e-9);
                    // Var of Σ H_abc u_a v_b is 2 ‖·‖² for a symmetric form in one Gaussian, and ‖2 H‖² for two: both are 2 ΣΣ' H H, halved between (i, i') and (i', i).
                    var carried = 2 * einsum("abc,ad,be,dec->", h, Dense.Covariance(read, i), Dense.Covariance(read, other), h).item<double>();
                    Near.Equal(carried, orders.Second[i, other, k], 1e-9);
                }
            }
        }
    }

    /// <summary>Least squares on runs of the MLP knows nothing of Hermite polynomials.</summary>
    [Theory]
    [InlineData("GELU")]
    [InlineData("ReLU without norms")]
    public void Orders_add_up_to_the_variance_of_gaussian_runs(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        var (read, write) = model.Model.AroundMlp(0);
        using var map = Map(model);

        var orders = Orders(model, map, 20_000);

        var u = Independent(read, Draws, 1);
        var written = Run(model, map, u).matmul(write.R.to(float64));
        for (var k = 0; k < write.Count; k++)
        {
            var total = PerTarget(written.var(0), write)[k];
            Near.Equal(1, orders.Variance(k) / total, 0.02);
            Near.Equal(1, orders.Shares(k).First + orders.Shares(k).Second + orders.Shares(k).Remainder, 1e-12);

            // The best linear fit of the runs is the first order, the best fit by all squares and products the second.
            var target = written - written.mean([0]);
            var products = cat([.. Enumerable.Range(0, 10).Select(a => u.narrow(1, a, 1) * u.narrow(1, a, 10 - a))], dim: 1);
            Near.Equal(orders.Shares(k).First, Explained(u, target, write, k), 0.01);
            Near.Equal(orders.Shares(k).Second, Explained(products - products.mean([0]), target, write, k), 0.01);
        }
    }

    [Fact]
    public void A_pair_of_subspaces_has_the_variance_of_its_interaction()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        var (read, write) = model.Model.AroundMlp(0);
        using var map = Map(model);

        var orders = Orders(model, map, 1);

        // u, with the sign of one subspace flipped, of another, of both: their alternating sum keeps what is odd in both.
        var u = Independent(read, Draws, 2);
        var flipped = new Tensor[2];
        for (var i = 0; i < 2; i++)
            flipped[i] = 2 * u.matmul(read.Basis(i).to(float64)).matmul(read.Basis(i).to(float64).T);
        var odd = 0.25 * (Run(model, map, u) - Run(model, map, u - flipped[0]) - Run(model, map, u - flipped[1]) + Run(model, map, u - flipped[0] - flipped[1]));
        var products = einsum("na,nb->nab", u.matmul(read.Basis(0).to(float64)), u.matmul(read.Basis(1).to(float64))).flatten(1);
        for (var k = 0; k < write.Count; k++)
        {
            var target = odd.matmul(write.R.to(float64));
            var fitted = Explained(products, target, write, k) * PerTarget(target.var(0), write)[k];
            Near.Equal(1, 2 * orders.Second[0, 1, k] / fitted, 0.03);
            Assert.Equal(orders.Second[0, 1, k], orders.Second[1, 0, k], 12);
        }
    }

    [Fact]
    public void First_order_is_that_of_the_blocks_where_subspaces_are_independent()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("tanh GELU");
        var (read, write) = model.Model.AroundMlp(0);
        var within = read.R.to(float64).matmul(Blocks.WithinSubspaces(read)).matmul(read.R.to(float64).T);
        using var independent = new Partition(read.Site, read.R.clone(), read.Sizes, read.Mean.clone(), within);
        using var map = new ReadMap(model.Weights.Blocks[0].Ln2, model.Weights.Config.Epsilon, independent);
        var mlp = model.Weights.Blocks[0].Mlp!;

        var orders = MlpOrders.Of(independent, write, map, mlp, Activation.GeluNew, new Generator(1), 1);

        Near.Equal(MlpBlocks.Of(independent, write, map, mlp, Activation.GeluNew).Variance, orders.First, 1e-5); // RᵀR of float32, several times
    }

    [Fact]
    public void A_linear_mlp_is_all_first_order()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("ReLU without norms");
        using (no_grad())
            model.Weights.Blocks[0].Mlp!.BIn.fill_(100);
        using var map = Map(model);

        var orders = Orders(model, map, 100);

        var shares = orders.Shares(0);
        Near.Equal(1, shares.First, 1e-9);
        Near.Equal(0, shares.Second, 1e-12);
        Near.Equal(0, shares.Remainder, 1e-12);
    }

    private static ReadMap Map(RandomModel model) => new(model.Weights.Blocks[0].Ln2, model.Weights.Config.Epsilon, model.Model.AroundMlp(0).Read);

    private static MlpOrders Orders(RandomModel model, ReadMap map, int samples)
    {
        var (read, write) = model.Model.AroundMlp(0);
        return MlpOrders.Of(read, write, map, model.Weights.Blocks[0].Mlp!, model.Weights.Config.Activation, new Generator(7), samples);
    }

    private static (Tensor Reads, Tensor Mean, Tensor Deviation) Neurons(RandomModel model, ReadMap map)
    {
        var (read, mlp) = (model.Model.AroundMlp(0).Read, model.Weights.Blocks[0].Mlp!);
        var reads = map.Matrix.matmul(mlp.WIn.to(float64));
        var variance = Enumerable.Range(0, read.Count).Select(i => read.Basis(i).to(float64).T.matmul(reads)).Select((seen, i) => (seen * Dense.Covariance(read, i).matmul(seen)).sum(dim: 0)).Aggregate((a, b) => a + b);
        return (reads, map.Constant.matmul(mlp.WIn.to(float64)) + mlp.BIn.to(float64), variance.sqrt());
    }

    /// <summary>Gaussian u with the covariance of every subspace, subspaces independent. [row, d_model]</summary>
    private static Tensor Independent(Partition read, int rows, ulong seed)
    {
        var generator = new Generator(seed);
        return Enumerable.Range(0, read.Count).Select(i =>
        {
            var (values, vectors) = linalg.eigh(Dense.Covariance(read, i));
            var root = vectors * values.clamp_min(0).sqrt();
            return randn(rows, read.Sizes[i], dtype: float64, generator: generator).matmul(root.T).matmul(read.Basis(i).to(float64).T);
        }).Aggregate((a, b) => a + b);
    }

    /// <summary>The MLP behind its affine read map. [row, d_model]</summary>
    private static Tensor Run(RandomModel model, ReadMap map, Tensor u)
    {
        using var scope = NewDisposeScope();
        var mlp = model.Weights.Blocks[0].Mlp!;
        var pre = (u.matmul(map.Matrix) + map.Constant).matmul(mlp.WIn.to(float64)) + mlp.BIn.to(float64);
        var post = model.Weights.Config.Activation is Activation.Relu ? pre.relu() : nn.functional.gelu(pre);
        return post.matmul(mlp.WOut.to(float64)).MoveToOuterDisposeScope();
    }

    /// <summary>Share of the variance of a target subspace that least squares on some features explains.</summary>
    private static double Explained(Tensor features, Tensor written, Partition write, int target)
    {
        using var scope = NewDisposeScope();
        var gram = features.T.matmul(features);
        var cross = features.T.matmul(written);
        var fitted = cross * linalg.lstsq(gram, cross).Solution;
        return PerTarget(fitted.sum(dim: 0), write)[target] / PerTarget(written.square().sum(dim: 0), write)[target];
    }

    private static double[] PerTarget(Tensor values, Partition write) =>
        [.. values.split([.. write.Sizes.Select(size => (long)size)], dim: 0).Select(part => part.sum().item<double>())];
}
