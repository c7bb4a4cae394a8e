using SubspaceCircuits.Circuits.Mlps;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits.Mlps;

public sealed class MlpInteractionsTests
{
    private const int Rows = 100_000;

    [Fact]
    public void On_a_gaussian_stream_without_norm_the_mean_jacobian_gives_the_covariance()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("ReLU without norms");
        var (read, write) = model.Model.AroundMlp(1);

        var found = MlpInteractions.Of(model.Model, 1, Gaussian(model, 1), new Generator(2));

        Assert.All(found.SteinError, error => Assert.InRange(error, 0, 0.03)); // a few times √(d_model/rows)
        for (var k = 0; k < write.Count; k++)
            Assert.InRange(found.Quadratic[k], found.Linear[k] + 0.01, 1);
    }

    [Fact]
    public void With_the_true_norm_the_error_is_that_of_the_constant()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");

        var found = MlpInteractions.Of(model.Model, 1, Gaussian(model, 3), new Generator(4));

        Assert.All(found.SteinError, error => Assert.InRange(error, 0.03, 1));
    }

    [Fact]
    public void An_mlp_that_multiplies_signs_has_no_first_order()
    {
        using var scope = NewDisposeScope();
        using var model = new RandomModel(RandomModel.WithMlps(Activation.Relu, Normalization.None), 5);
        var mlp = model.Weights.Blocks[0].Mlp!;
        var (read, _) = model.Model.AroundMlp(0);
        var (first, second) = (read.Basis(0).narrow(1, 0, 1), read.Basis(1).narrow(1, 0, 1));
        using (no_grad())
        {
            // |x + y| − 1 = x y for signs x, y.
            var reads = cat([first + second, -first - second, zeros(10, 10)], dim: 1);
            mlp.WIn.copy_(reads);
            mlp.BIn.zero_();
            mlp.WOut.copy_(mlp.WOut[0].unsqueeze(0).expand(12, 10).clone());
        }

        var signs = randint(2, [4000, 2], dtype: float32, generator: new Generator(6)) * 2 - 1;
        var stream = signs.matmul(cat([first, second], dim: 1).T) + randn(4000, 1, generator: new Generator(7)) * read.Basis(2).narrow(1, 0, 1).T;

        var sobol = MlpInteractions.Of(model.Model, 0, stream, new Generator(8)).Sobol;

        Near.Equal(1, sobol.Total[0, 0], 0.08); // standard errors of a few percent
        Near.Equal(1, sobol.Total[1, 0], 0.08);
        Near.Equal(0, sobol.Total[2, 0], 1e-6);
        Near.Equal(0, sobol.First[0, 0], 0.08);
    }

    private static Tensor Gaussian(RandomModel model, ulong seed)
    {
        var read = model.Model.AroundMlp(1).Read;
        var (values, vectors) = linalg.eigh(read.Covariance.to(float64));
        return read.Mean.to(float64) + randn(Rows, 10, dtype: float64, generator: new Generator(seed)).matmul((vectors * values.clamp_min(0).sqrt()).T);
    }
}
