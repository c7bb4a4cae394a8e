using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Nulls;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits.Nulls;

/// <summary>Scores of a model's edges against the same model in partitions that are drawn.</summary>
public sealed class EnergyNullsTests
{
    private const int Draws = 1000;

    /// <summary>A kind of edge: between which sites, whether its reader is blind to the mean direction, its energies, and their scores.</summary>
    private sealed record Kind(Partition Read, Partition Write, bool IsCentred, Func<Partition, Partition, double[,]> Energies, Func<double[,], NullScore[,]> Scores);

    [Theory]
    [InlineData("GELU")]
    [InlineData("ReLU without norms")]
    public void Chance_is_what_random_partitions_give_every_kind_of_edge(string name)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(name);
        var (weights, epsilon, isCentred) = (model.Weights, model.Weights.Config.Epsilon, name == "GELU");
        var (x0, mid, post) = (model.Partitions[0], model.Partitions[1], model.Partitions[2]);
        var (attention, mlp) = (weights.Blocks[0].Attention, weights.Blocks[0].Mlp!);
        // Maps see the moments of a site, not its partition, so they stay.
        using var forAttention = new ReadMap(weights.Blocks[0].Ln1, epsilon, x0);
        using var forMlp = new ReadMap(weights.Blocks[0].Ln2, epsilon, mid);
        using var forLogits = new ReadMap(weights.LnFinal, epsilon, post);
        Kind[] kinds = [
            new(x0, x0, isCentred, (read, _) => QkBlocks.Of(read, forAttention, attention, 1).Energy, energy => EnergyNulls.OfQk(x0, forAttention, attention, [energy, energy])[1]),
            new(x0, mid, isCentred, (read, write) => OvBlocks.Of(read, write, forAttention, attention, 1).Energy, energy => EnergyNulls.OfOv(x0, mid, forAttention, attention, 1, energy)),
            new(mid, post, isCentred, (read, write) => MlpBlocks.Of(read, write, forMlp, mlp, weights.Config.Activation).Energy, energy => EnergyNulls.OfMlp(mid, post, forMlp, mlp, energy)),
            new(x0, mid, false, (read, write) => PassthroughBlocks.Of(read, write).Energy, energy => EnergyNulls.OfPassthrough(x0, mid, energy)),
            new(x0, x0, false, (write, _) => Column(EndBlocks.Embedding(weights.WE, write).Energy), energy => Column(EnergyNulls.OfEmbedding(weights.WE, x0, [.. energy.Cast<double>()]))),
            new(post, post, isCentred, (read, _) => Column(EndBlocks.Unembedding(read, forLogits, weights.WU).Energy),
                energy => Column(EnergyNulls.OfUnembedding(post, forLogits, weights.WU, [.. energy.Cast<double>()]))),
        ];
        var generator = new Generator(1);

        foreach (var kind in kinds)
        {
            var energies = kind.Energies(kind.Read, kind.Write);
            var scores = kind.Scores(energies);

            var draws = Enumerable.Range(0, Draws).Select(_ =>
            {
                using Partition read = RandomPartitions.Draw(kind.Read, kind.IsCentred, generator), write = RandomPartitions.Draw(kind.Write, false, generator);
                return kind.Energies(read, write);
            }).ToArray();
            for (var i = 0; i < energies.GetLength(0); i++)
            {
                for (var k = 0; k < energies.GetLength(1); k++)
                {
                    var score = scores[i, k];
                    Chance.Expect(new NullMoments(score.Mean, score.StandardDeviation * score.StandardDeviation), [.. draws.Select(draw => draw[i, k])]);
                    Near.Equal((energies[i, k] - score.Mean) / score.StandardDeviation, score.Z, 1e-9);
                }
            }
        }
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

    /// <summary>The Gamma distribution with the right mean and variance is as good as <see cref="NullScore.P"/> says.</summary>
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

        Assert.InRange(p.Count(value => value <= 0.05) / (0.05 * Many), 0.8, 1.2);
        Assert.InRange(p.Count(value => value <= 0.01) / (0.01 * Many), 0.6, 1.6);
    }

    private static T[,] Column<T>(T[] values)
    {
        var table = new T[values.Length, 1];
        for (var i = 0; i < values.Length; i++)
            table[i, 0] = values[i];
        return table;
    }
}
