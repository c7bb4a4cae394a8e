using SubspaceCircuits.Circuits.Nulls;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits.Nulls;

/// <summary>One rotation at both ends of a map: four and eight factors of the same Haar matrix.</summary>
public sealed class SameRotationNullTests
{
    private const int Draws = 40_000, D = 6;

    [Theory]
    [InlineData("symmetric", false)]
    [InlineData("antisymmetric", false)]
    [InlineData("one", false)]
    [InlineData("low rank", false)]
    [InlineData("low rank", true)]
    [InlineData("near the identity", false)]
    [InlineData("near the identity", true)]
    public void Blocks_are_what_rotations_give(string kind, bool isCentred)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(1);
        Tensor Factor(int rank) => randn(D, rank, dtype: float64, generator: generator);
        var identity = eye(D, dtype: float64);
        Tensor a = Factor(kind == "one" ? 1 : 3), b = Factor(kind == "one" ? 1 : 3);
        (a, b) = kind switch
        {
            "symmetric" => (cat([a, b], dim: 1), cat([b, a], dim: 1)),
            "antisymmetric" => (cat([a, b], dim: 1), cat([b, -a], dim: 1)),
            "near the identity" => (cat([identity, 0.2 * a], dim: 1), cat([identity, b], dim: 1)),
            _ => (a, b),
        };
        if (isCentred)
            (a, b) = (a - a.mean([0], keepdim: true), b - b.mean([0], keepdim: true));
        using var site = new Partition(null, Rotation.Random(D, generator, float64), [2, 1, 3], zeros(D, dtype: float64), identity.clone());

        var expected = new SameRotationNull(site, isCentred).Of(a, b);

        var u = isCentred ? Chance.RotationsOfCentred(Draws, D, 2) : Chance.Rotations(Draws, D, 2);
        var rotated = u.transpose(1, 2).matmul(a.matmul(b.T)).matmul(u); // [draw, d, d]
        for (var i = 0; i < site.Count; i++)
        {
            for (var j = 0; j < site.Count; j++)
                Chance.Expect(expected[i, j], Chance.Energies(site.Basis(i).T.matmul(rotated).matmul(site.Basis(j))));
        }
    }

    [Fact]
    public void The_identity_has_the_same_blocks_in_every_partition()
    {
        using var scope = NewDisposeScope();
        using var site = new Partition(null, eye(D, dtype: float64), [4, 2], zeros(D, dtype: float64), eye(D, dtype: float64));

        var chance = new SameRotationNull(site, false).Of(eye(D, dtype: float64), eye(D, dtype: float64));

        Near.Equal(4, chance[0, 0].Mean, 1e-10);
        Near.Equal(0, chance[0, 1].Mean, 1e-10);
        Near.Equal(0, chance[0, 0].Variance, 1e-9);
        Assert.Equal(0, NullScore.Of(4, chance[0, 0]).Z);
    }

    /// <summary>The mean is that of symmetric traceless, antisymmetric and trace part by themselves: with σ = ‖S‖²/((d−1)(d+2)), τ = ‖A‖²/(d(d−1)) it is d_i d_j (σ + τ) for i ≠ j.</summary>
    [Fact]
    public void In_a_wide_model_the_mean_is_exact_too()
    {
        const int Wide = 768;
        using var scope = NewDisposeScope();
        var generator = new Generator(3);
        Tensor a = randn(Wide, 64, dtype: float64, generator: generator), b = 0.5 * a + randn(Wide, 64, dtype: float64, generator: generator);
        using var site = new Partition(null, eye(Wide, dtype: float64), [64, 192, 512], zeros(Wide, dtype: float64), eye(Wide, dtype: float64));

        var chance = new SameRotationNull(site, false).Of(a, b);

        var w = a.matmul(b.T);
        var trace = w.trace().item<double>();
        var symmetric = Dense.Energy((w + w.T) / 2) - trace * trace / Wide;
        var (sigma, tau) = (symmetric / ((Wide - 1.0) * (Wide + 2)), Dense.Energy((w - w.T) / 2) / (Wide * (Wide - 1.0)));
        Near.Equal(1, chance[0, 1].Mean / (64 * 192 * (sigma + tau)), 1e-9);
        Near.Equal(1, chance[1, 1].Mean / (trace * trace / Wide / Wide * 192 + sigma * (192 * 192 + 192 * (1 - 2.0 / Wide)) + tau * 192 * 191), 1e-9);
    }

    [Fact]
    public void Weingarten_of_four_is_the_closed_form()
    {
        const int Width = 7;
        var table = new PairingTable(4);

        var first = new Weingarten(table, Width).Apply([1, 0, 0]);

        var denominator = Width * (Width - 1.0) * (Width + 2);
        Near.Equal((Width + 1) / denominator, first[0], 1e-15);
        Near.Equal(-1 / denominator, first[1], 1e-15);
        Near.Equal(-1 / denominator, first[2], 1e-15);
        Assert.Equal(105, new PairingTable(8).Count);
    }
}
