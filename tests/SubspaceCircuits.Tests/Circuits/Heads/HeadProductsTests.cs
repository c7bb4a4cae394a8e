using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Heads;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits.Heads;

/// <summary>Products from Gram matrices against dense maps.</summary>
public sealed class HeadProductsTests
{
    private const double Rounding = 1e-6; // rotations are float32

    public static TheoryData<string, HeadMetric> Cases => [.. from row in RandomModel.Kinds from metric in Enum.GetValues<HeadMetric>() select (row.Data, metric)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Products_of_ov_blocks_are_those_of_the_dense_maps(string kind, HeadMetric metric)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        var (read, write) = model.Model.AroundAttention(1);
        var (attention, norm) = (model.Weights.Blocks[1].Attention, model.Weights.Blocks[1].Ln1);
        using var map = new ReadMap(norm, model.Weights.Config.Epsilon, read);
        var n = Dense.ReadMap(norm, model.Weights.Config.Epsilon, read);
        Tensor T(int head, int j, int k) => Dense.Block(read, j, n.matmul(attention.WV[head].to(float64)).matmul(attention.WO[head].to(float64)), write, k);
        Tensor Metric(int j) => metric is HeadMetric.Variance ? Dense.Covariance(read, j) : eye(read.Sizes[j], dtype: float64);

        var products = HeadProducts.OfOv(read, write, map, attention, metric);
        var whole = HeadProducts.OfOv(read, write, map, attention, metric, isWhole: true);

        for (var one = 0; one < products.Heads; one++)
        {
            for (var other = 0; other < products.Heads; other++)
            {
                Near.Equal(Dense.Table(read, write, (j, k) => (T(one, j, k) * Metric(j).matmul(T(other, j, k))).sum().item<double>()), Slice(products.Inner, one, other), Rounding);
                Near.Equal(Dense.Table(read, write, (j, k) => Weighted(T(one, j, k), T(other, j, k), Metric(j))), Slice(products.Cross, one, other), Rounding);
                Near.Equal(Slice(products.Inner, one, other).Cast<double>().Sum(), whole.Inner[one, other, 0, 0], Rounding * whole.Inner[one, one, 0, 0]);
            }
        }

        // ‖Σ^½ T (Σ^½ T')ᵀ‖² = tr(Tᵀ Σ T · T'ᵀ Σ T')
        static double Weighted(Tensor t, Tensor u, Tensor metric) => t.T.matmul(metric).matmul(t).matmul(u.T.matmul(metric).matmul(u)).trace().item<double>();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Products_of_qk_blocks_are_those_of_the_dense_forms(string kind, HeadMetric metric)
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind(kind);
        var (read, _) = model.Model.AroundAttention(0);
        var (attention, norm, root) = (model.Weights.Blocks[0].Attention, model.Weights.Blocks[0].Ln1, Math.Sqrt(model.Weights.Config.DHead));
        using var map = new ReadMap(norm, model.Weights.Config.Epsilon, read);
        var n = Dense.ReadMap(norm, model.Weights.Config.Epsilon, read);
        Tensor Key(int head) => n.matmul(attention.WK[head].to(float64)) / root;
        Tensor S(int head, int i, int j) => i < read.Count
            ? Dense.Block(read, i, n.matmul(attention.WQ[head].to(float64)).matmul(Key(head).T), read, j)
            : ((read.Mean.to(float64).matmul(n) + Dense.Shift(norm, read)).matmul(attention.WQ[head].to(float64)) + attention.BQ[head].to(float64)).unsqueeze(0).matmul(Key(head).T).matmul(read.Basis(j).to(float64));
        Tensor Metric(int i) => metric is HeadMetric.Variance && i < read.Count ? Dense.Covariance(read, i) : eye(i < read.Count ? read.Sizes[i] : 1, dtype: float64);

        var products = HeadProducts.OfQk(read, map, attention, metric);

        var scale = products.Inner.Cast<double>().Max();
        for (var i = 0; i <= read.Count; i++)
        {
            for (var j = 0; j < read.Count; j++)
            {
                var expected = (S(0, i, j) * Metric(i).matmul(S(1, i, j)).matmul(Metric(j))).sum().item<double>();
                Near.Equal(expected, products.Inner[0, 1, i, j], Rounding * scale);
                Near.Equal(expected, products.Inner[1, 0, i, j], Rounding * scale);
            }
        }
    }

    /// <summary>Deviations of the cosine under rotation, of blocks of low and of full rank with sides of unequal size.</summary>
    [Theory]
    [InlineData(2, 7, 1)]
    [InlineData(6, 3, 2)]
    [InlineData(5, 5, 5)]
    [InlineData(1, 4, 1)]
    public void Null_deviations_are_those_of_random_rotations(int dLeft, int dRight, int rank)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(11);
        Tensor Map() => randn(dLeft, rank, dtype: float64, generator: generator).matmul(randn(rank, dRight, dtype: float64, generator: generator));
        var (t, u) = (Map(), Map());
        var products = new HeadProducts([dLeft], [dRight], Table((one, other) => (one * other).sum().item<double>()), Table((one, other) => one.matmul(other.T).square().sum().item<double>()));

        var comparison = BlockComparison.Of(products, 0, 1, 0, 0, _ => "j", _ => "k");

        const int Draws = 4000;
        var norm = Math.Sqrt(comparison.FirstEnergy * comparison.SecondEnergy);
        double both = 0, left = 0, mean = 0;
        for (var draw = 0; draw < Draws; draw++)
        {
            using var step = NewDisposeScope();
            var turned = Rotation.Random(dLeft, generator, float64).matmul(u);
            var onBoth = (t * turned.matmul(Rotation.Random(dRight, generator, float64))).sum().item<double>() / norm;
            (both, left, mean) = (both + onBoth * onBoth, left + Math.Pow((t * turned).sum().item<double>() / norm, 2), mean + onBoth);
        }

        // Of a variance estimated from n draws the relative deviation is √(kurtosis − 1)/√n, below 2/√n here.
        Near.Equal(1, both / Draws / Math.Pow(comparison.NullDeviation, 2), 4 * 2 / Math.Sqrt(Draws));
        Near.Equal(1, left / Draws / Math.Pow(comparison.LeftNullDeviation, 2), 4 * 2 / Math.Sqrt(Draws));
        Near.Equal(0, mean / Draws, 4 * comparison.NullDeviation / Math.Sqrt(Draws));

        double[,,,] Table(Func<Tensor, Tensor, double> value) => new double[2, 2, 1, 1] { { { { value(t, t) } }, { { value(t, u) } } }, { { { value(u, t) } }, { { value(u, u) } } } };
    }

    [Fact]
    public void Cosines_agree_with_the_parts_they_are_made_of()
    {
        var alike = new BlockComparison("j", "k", 4, 1, 2, .5, .5);
        var opposed = new BlockComparison("j", "k", 4, 4, -4, .5, .25);
        var none = new BlockComparison("j", "k", 0, 0, 0, .5, 0);

        Assert.Equal((1, 2, .5, 1.8), (alike.Cosine, alike.Z, alike.NormRatio, Math.Round(alike.Cancellation, 9)));
        Assert.Equal((-1, -4, 0.0, 2.0), (opposed.Cosine, opposed.LeftZ, opposed.Cancellation, opposed.Distance));
        Assert.Equal((0, 0, 1, 0), (none.Cosine, none.LeftZ, none.Cancellation, none.Distance));
    }

    private static double[,] Slice(double[,,,] table, int one, int other)
    {
        var slice = new double[table.GetLength(2), table.GetLength(3)];
        for (var i = 0; i < slice.GetLength(0); i++)
        {
            for (var j = 0; j < slice.GetLength(1); j++)
                slice[i, j] = table[one, other, i, j];
        }

        return slice;
    }
}
