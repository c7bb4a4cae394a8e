using SubspaceCircuits.Circuits.Nulls;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits.Nulls;

/// <summary>The closed forms against draws of rotations in six dimensions.</summary>
public sealed class HaarNullTests
{
    private const int Draws = 40_000, D = 6;

    private static readonly Dictionary<string, double[]> Spectra = new()
    {
        ["one"] = [1, 0, 0, 0, 0, 0],
        ["projector of 2"] = [1, 1, 0, 0, 0, 0],
        ["projector of 5"] = [1, 1, 1, 1, 1, 0],
        ["identity"] = [1, 1, 1, 1, 1, 1],
        ["decaying"] = [3, 1.5, 0.7, 0.3, 0.1, 0],
        ["steep"] = [9, 0.5, 0.4, 0.3, 0.2, 0.1],
    };

    [Theory]
    [InlineData("one", "one")]
    [InlineData("projector of 2", "projector of 5")]
    [InlineData("identity", "projector of 2")]
    [InlineData("decaying", "steep")]
    [InlineData("steep", "projector of 2")]
    public void OneSided_is_what_rotations_give(string left, string right)
    {
        using var scope = NewDisposeScope();
        Tensor m = Chance.WithSpectrum(Spectra[left], 1), n = Chance.WithSpectrum(Spectra[right], 2);
        var u = Chance.Rotations(Draws, D, 3);

        var expected = HaarNull.OneSided(GramMoments.Of(m), GramMoments.Of(n), D);

        Chance.Expect(expected, Energies(Root(m).matmul(u).matmul(Root(n))));
    }

    /// <summary>Ends of different widths, as where the read side is centred and the write side is not.</summary>
    [Theory]
    [InlineData("one", "one", "one", 6)]
    [InlineData("one", "identity", "projector of 2", 6)]
    [InlineData("projector of 2", "decaying", "projector of 5", 6)]
    [InlineData("identity", "steep", "projector of 2", 6)]
    [InlineData("decaying", "steep", "decaying", 6)]
    [InlineData("projector of 2", "decaying", "steep", 5)]
    [InlineData("decaying", "one", "steep", 4)]
    public void TwoSided_is_what_independent_rotations_give(string left, string map, string right, int dRight)
    {
        using var scope = NewDisposeScope();
        var m = Chance.WithSpectrum(Spectra[left], 1);
        var n = Chance.WithSpectrum(Spectra[right][..dRight], 2);
        var w = Root(Chance.WithSpectrum(Spectra[map], 4)).narrow(1, 0, dRight); // [6, dRight]
        Tensor u = Chance.Rotations(Draws, D, 5), v = Chance.Rotations(Draws, dRight, 6);

        var expected = HaarNull.TwoSided(GramMoments.Of(m), GramMoments.Of(w.T.matmul(w)), GramMoments.Of(n), D, dRight);

        Chance.Expect(expected, Energies(Root(m).matmul(u).matmul(w).matmul(v).matmul(Root(n))));
    }

    [Fact]
    public void TwoSided_with_the_identity_is_one_sided()
    {
        var (m, n) = (new GramMoments(3.2, 2.9), new GramMoments(4.1, 6.5));

        var both = HaarNull.TwoSided(m, GramMoments.OfProjector(D), n, D, D);

        var one = HaarNull.OneSided(m, n, D);
        Near.Equal(one.Mean, both.Mean, 1e-14);
        Near.Equal(one.Variance, both.Variance, 1e-14);
    }

    [Fact]
    public void Inside_rotates_within_the_subspace_only()
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(7);
        Tensor written = randn(5, 3, dtype: float64, generator: generator), read = randn(3, 4, dtype: float64, generator: generator);

        var expected = HaarNull.Inside(written, read);

        Chance.Expect(expected, Energies(written.matmul(Chance.Rotations(Draws, 3, 8)).matmul(read)));
    }

    [Theory]
    [InlineData(1, 6)]
    [InlineData(4, 6)]
    [InlineData(9, 5)]
    public void Neurons_are_what_shared_rotations_give(int neurons, int dRight)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(9);
        Tensor reads = randn(D, neurons, dtype: float64, generator: generator), writes = randn(neurons, dRight, dtype: float64, generator: generator);
        Tensor m = Chance.WithSpectrum(Spectra["decaying"], 1), n = Chance.WithSpectrum(Spectra["projector of 2"][..dRight], 2);
        Tensor u = Chance.Rotations(Draws, D, 10), v = Chance.Rotations(Draws, dRight, 11);

        var expected = HaarNull.Neurons(GramMoments.Of(m), NeuronWays.Of(reads, writes), GramMoments.Of(n), D, dRight);

        var readEnergies = Root(m).matmul(u).matmul(reads).square().sum(dim: 1);         // [draw, neuron]
        var writeEnergies = writes.matmul(v).matmul(Root(n)).square().sum(dim: 2);       // [draw, neuron]
        Chance.Expect(expected, [.. (readEnergies * writeEnergies).sum(dim: 1).data<double>()]);
    }

    [Fact]
    public void NeuronWays_are_sums_over_all_pairs_of_neurons()
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(12);
        Tensor reads = randn(5, 1100, dtype: float64, generator: generator), writes = randn(1100, 4, dtype: float64, generator: generator);
        writes[3] = zeros(4, dtype: float64); // a neuron that writes nothing

        var ways = NeuronWays.Of(reads, writes);

        Tensor g = reads.T.matmul(reads), h = writes.matmul(writes.T);
        Tensor r = g.diagonal(), w = h.diagonal();
        Near.Equal(1, ways.Total / r.dot(w).item<double>(), 1e-12);
        Near.Equal(1, ways.Reads / (g.square() * outer(w, w)).sum().item<double>(), 1e-12);
        Near.Equal(1, ways.Writes / (h.square() * outer(r, r)).sum().item<double>(), 1e-12);
        Near.Equal(1, ways.Both / (g.square() * h.square()).sum().item<double>(), 1e-6); // float32
    }

    private static double[] Energies(Tensor matrices) => Chance.Energies(matrices);

    private static Tensor Root(Tensor psd)
    {
        var (values, vectors) = linalg.eigh(psd);
        return (vectors * values.clamp_min(0).sqrt()).matmul(vectors.T);
    }
}
