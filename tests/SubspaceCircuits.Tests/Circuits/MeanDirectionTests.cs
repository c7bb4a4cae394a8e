using SubspaceCircuits.Circuits;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits;

public sealed class MeanDirectionTests
{
    [Fact]
    public void The_subspace_that_holds_the_mean_has_all_of_it()
    {
        using var scope = NewDisposeScope();
        var rotation = linalg.qr(cat([randn(6, 2, dtype: float64, generator: new Generator(1)), ones(6, 1, dtype: float64), randn(6, 3, dtype: float64, generator: new Generator(2))], dim: 1)).Q;
        var mean = ones(6, 1, dtype: float64) / Math.Sqrt(6);
        using var partition = new Partition(null, rotation, [3, 3], zeros(6, dtype: float64), eye(6, dtype: float64));

        var shares = MeanDirection.Shares(partition);

        Near.Equal(1, shares[0], 1e-12);
        Near.Equal(0, shares[1], 1e-12);
        Near.Equal(partition.Basis(0).T.matmul(mean).square().sum().item<double>(), shares[0], 1e-12);
    }

    [Fact]
    public void It_is_how_far_centring_mixes_subspaces()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        var site = model.Partitions[0];

        var shares = MeanDirection.Shares(site);

        Near.Equal(1, shares.Sum(), 1e-6);
        var centring = eye(10, dtype: float64) - 0.1;
        for (var i = 1; i < site.Count; i++)
            Near.Equal(shares[0] * shares[i], Dense.Energy(Dense.Block(site, 0, centring, site, i)), 1e-6);
    }
}
