using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Nulls;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits.Nulls;

/// <summary>Scores of a model's edges against the same model in partitions that are drawn.</summary>
public sealed class EnergyNullsTests
{
    private const int Draws = 1500;

    [Theory]
    [InlineData("GELU")]
    [InlineData("ReLU without norms")]
    public void Chance_is_what_random_partitions_give_every_kind_of_edge(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        var (weights, epsilon, isCentred) = (model.Weights, model.Weights.Config.Epsilon, kind == "GELU");
        var (x0, mid, post) = (model.Partitions[0], model.Partitions[1], model.Partitions[2]);
        var (attention, mlp) = (weights.Blocks[0].Attention, weights.Blocks[0].Mlp!);
        // Maps see the moments of a site, not its partition, so they stay.
        using var forAttention = new ReadMap(weights.Blocks[0].Ln1, epsilon, x0);
        using var forMlp = new ReadMap(weights.Blocks[0].Ln2, epsilon, mid);
        using var forLogits = new ReadMap(weights.LnFinal, epsilon, post);
        double[,] Column(double[] energy) { var table = new double[energy.Length, 1]; Buffer.BlockCopy(energy, 0, table, 0, 8 * energy.Length); return table; }
        double[][,] Energies(Partition a, Partition m, Partition p) => [
            QkBlocks.Of(a, forAttention, attention, 1).Energy, OvBlocks.Of(a, m, forAttention, attention, 1).Energy, MlpBlocks.Of(m, p, forMlp, mlp, weights.Config.Activation).Energy,
            PassthroughBlocks.Of(a, m).Energy, Column(EndBlocks.Embedding(weights.WE, a).Energy), Column(EndBlocks.Unembedding(p, forLogits, weights.WU).Energy)];
        var energies = Energies(x0, mid, post);

        NullScore[][] scores = [
            [.. EnergyNulls.OfQk(x0, forAttention, attention, [energies[0], energies[0]])[1].Cast<NullScore>()],
            [.. EnergyNulls.OfOv(x0, mid, forAttention, attention, 1, energies[1]).Cast<NullScore>()],
            [.. EnergyNulls.OfMlp(mid, post, forMlp, mlp, energies[2]).Cast<NullScore>()],
            [.. EnergyNulls.OfPassthrough(x0, mid, energies[3]).Cast<NullScore>()],
            EnergyNulls.OfEmbedding(weights.WE, x0, [.. energies[4].Cast<double>()]),
            EnergyNulls.OfUnembedding(post, forLogits, weights.WU, [.. energies[5].Cast<double>()])];

        var generator = new Generator(1);
        var draws = Enumerable.Range(0, Draws).Select(_ =>
        {
            // Which direction stays is a matter of the reader; what does not care for it has a rotation of the whole.
            using Partition read = Draw(x0), readMid = Draw(mid), readPost = Draw(post), wholeX0 = Whole(x0), wholeMid = Whole(mid), wholePost = Whole(post);
            var (reading, whole) = (Energies(read, wholeMid, readPost), Energies(wholeX0, wholeMid, wholePost));
            return (double[][,])[reading[0], reading[1], MlpBlocks.Of(readMid, wholePost, forMlp, mlp, weights.Config.Activation).Energy, whole[3], whole[4], reading[5]];
        }).ToArray();
        for (var part = 0; part < scores.Length; part++)
        {
            var drawn = draws.Select(draw => draw[part].Cast<double>().ToArray()).ToArray();
            var observed = energies[part].Cast<double>().ToArray();
            for (var pair = 0; pair < observed.Length; pair++)
            {
                var score = scores[part][pair];
                Chance.Expect(new NullMoments(score.Mean, score.StandardDeviation * score.StandardDeviation), [.. drawn.Select(draw => draw[pair])]);
                Near.Equal((observed[pair] - score.Mean) / score.StandardDeviation, score.Z, 1e-9);
            }
        }

        Partition Draw(Partition site) => RandomPartitions.Draw(site, isCentred, generator);
        Partition Whole(Partition site) => RandomPartitions.Draw(site, false, generator);
    }

    [Fact]
    public void Whole_spaces_leave_chance_no_freedom()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        using var whole = new Partition(null, eye(10), [10], zeros(10), eye(10));
        using var map = new ReadMap(model.Weights.Blocks[0].Ln1, 0, whole);
        var attention = model.Weights.Blocks[0].Attention;

        var qk = EnergyNulls.OfQk(whole, map, attention, [QkBlocks.Of(whole, map, attention, 0).Energy])[0][0, 0];
        var ov = EnergyNulls.OfOv(whole, whole, map, attention, 0, OvBlocks.Of(whole, whole, map, attention, 0).Energy)[0, 0];

        Assert.Equal((0.0, 1.0), (qk.Z, qk.P));
        Assert.Equal((0.0, 1.0), (ov.Z, ov.P));
        Near.Equal(1, qk.Mean / QkBlocks.Of(whole, map, attention, 0).Energy[0, 0], 1e-6);
    }

    /// <summary>A head that compares a subspace with itself as much as it does all others stands out against independent rotations, not against random partitions.</summary>
    [Fact]
    public void Matching_in_every_direction_alike_is_no_finding()
    {
        const int Width = 24;
        using var scope = NewDisposeScope();
        using var site = new Partition(null, Rotation.Random(Width, new Generator(1), float64), [4, 8, 12], zeros(Width, dtype: float64), eye(Width, dtype: float64));
        var a = Rotation.Random(Width, new Generator(2), float64).narrow(1, 0, 16);
        var map = new FactoredMap(a, a, false, false, true);
        var energy = map.Energies(site, site);

        var same = EnergyNulls.OfMap(map, site, site, energy);
        var independent = EnergyNulls.OfMap(map with { IsWithinSite = false }, site, site, energy);

        for (var i = 0; i < site.Count; i++)
        {
            Assert.InRange(same[i, i].Z, -3, 3);
            Assert.True(independent[i, i].Z > 4, $"{independent[i, i].Z}");
        }
    }

    /// <summary>The Gamma distribution with the right mean and variance: good to a tenth at 5 %, to a third at 1 %, for blocks of a few dimensions.</summary>
    [Theory]
    [InlineData(12, 3, 4, 6)]
    [InlineData(24, 8, 6, 8)]
    public void P_values_are_calibrated(int d, int read, int write, int rank)
    {
        using var scope = NewDisposeScope();
        const int Many = 20_000;
        var w = randn(d, rank, dtype: float64, generator: new Generator(1));
        var chance = HaarNull.TwoSided(GramMoments.OfProjector(read), GramMoments.Of(w.T.matmul(w)), GramMoments.OfProjector(write), d, rank);
        Tensor u = Chance.Rotations(Many, d, 2).narrow(1, 0, read), v = Chance.Rotations(Many, rank, 3).narrow(2, 0, write);

        double[] p = [.. Chance.Energies(u.matmul(w).matmul(v)).Select(energy => NullScore.Of(energy, chance).P)];

        Assert.InRange(p.Count(value => value <= 0.05) / (0.05 * Many), 0.9, 1.1);
        Assert.InRange(p.Count(value => value <= 0.01) / (0.01 * Many), 0.75, 1.33);
    }
}
