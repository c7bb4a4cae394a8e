using SubspaceCircuits.Circuits;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits;

public sealed class ReadMapTests
{
    [Fact]
    public void The_map_is_the_norm_itself_where_sigma_is_the_constant()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        var (site, norm, epsilon) = (model.Partitions[1], model.Weights.Blocks[0].Ln2!, model.Weights.Config.Epsilon);
        using var map = new ReadMap(norm, epsilon, site);
        Tensor w = norm.W.to(float64), b = norm.B.to(float64);

        // N = C Γ s̄ has (1 − 1/d) w_0 s̄ in its corner; x gets the variance 1/s̄² − ε around any mean.
        var scale = map.Matrix[0, 0].item<double>() / (0.9 * w[0].item<double>());
        var direction = randn(4, 10, dtype: float64, generator: new Generator(1));
        direction = direction - direction.mean([1], keepdim: true);
        var x = 3 + direction / direction.square().mean([1], keepdim: true).sqrt() * Math.Sqrt(1 / (scale * scale) - epsilon);
        var shift = map.Constant - site.Mean.to(float64).matmul(map.Matrix); // β

        Near.Equal(nn.functional.layer_norm(x, [10], w, b, epsilon), x.matmul(map.Matrix) + shift, 1e-12);
        Near.Equal(b, shift, 1e-12);
    }

    [Fact]
    public void The_constant_stands_for_the_mean_variance_of_the_stream()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        var (site, norm) = (model.Partitions[1], model.Weights.Blocks[0].Ln2!);

        using var map = new ReadMap(norm, model.Weights.Config.Epsilon, site);

        Near.Equal(Dense.ReadMap(norm, model.Weights.Config.Epsilon, site), map.Matrix, 1e-13);
        var samples = site.Mean.to(float64) + randn(200_000, 10, dtype: float64, generator: new Generator(2)).matmul(linalg.cholesky(site.Covariance.to(float64) + 1e-9 * eye(10, dtype: float64)).T);
        var scale = map.Matrix[0, 0].item<double>() / (0.9 * norm.W[0].item<float>());
        var meanVariance = samples.var(1, unbiased: false).mean().item<double>();
        Near.Equal(1, meanVariance * scale * scale, 0.01); // standard error about .2 %
    }

    [Fact]
    public void Without_a_norm_the_map_is_the_identity()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("ReLU without norms");

        using var map = new ReadMap(null, 1e-5, model.Partitions[0]);

        Near.Equal(eye(10, dtype: float64), map.Matrix, 0);
        Near.Equal(model.Partitions[0].Mean, map.Constant, 0);
    }
}
