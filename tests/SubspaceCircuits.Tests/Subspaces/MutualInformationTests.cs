using SubspaceCircuits.Activations;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Published;

namespace SubspaceCircuits.Tests.Subspaces;

public sealed class MutualInformationTests
{
    // One query's estimate has a standard deviation of about one nat: 5,120 queries give .014 nats; three of these, and some bias.
    private const double EstimateTolerance = 0.05;
    private const int Batches = 40, BatchSize = 128, BlockLength = 4096;

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(0.6)]
    [InlineData(-0.9)]
    public void Correlated_gaussians_have_their_known_information(double rho)
    {
        var information = OfGaussians(rho, [1, 1]);

        Near.Equal(-0.5 * Math.Log(1 - rho * rho), information[0, 1], EstimateTolerance);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(0.8)]
    public void Subspaces_of_several_dimensions_have_the_sum_of_the_information(double rho)
    {
        // Dimension i of the first subspace goes with dimension i of the second.
        var information = OfGaussians(rho, [2, 2]);

        Near.Equal(-Math.Log(1 - rho * rho), information[0, 1], 1.5 * EstimateTolerance); // the bias grows with dimension and information
    }

    [Fact]
    public void Information_does_not_depend_on_the_unit_of_an_activation()
    {
        var plain = OfGaussians(0.6, [1, 1]);
        var scaled = OfGaussians(0.6, [1, 1], scaleOfSecond: 1000);

        Near.Equal(plain[0, 1], scaled[0, 1], 1e-3); // float32 may count a key differently
    }

    [Fact]
    public void AllPairs_is_symmetric_and_undefined_on_the_diagonal()
    {
        using var scope = NewDisposeScope();
        using var source = new ShuffledSource(randn(5000, 6, generator: new Generator(1)), new Generator(2));
        using var buffer = new ActivationBuffer(source, 2000, 2);

        var information = MutualInformation.AllPairs(buffer, Rotation.Random(6, new Generator(3)), [3, 2, 1], 2, 50, 1, cancellation: TestContext.Current.CancellationToken);

        for (var a = 0; a < 3; a++)
        {
            Assert.True(double.IsNaN(information[a, a]));
            for (var b = 0; b < a; b++)
                Near.Equal(information[a, b], information[b, a], 1e-12);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(30)]
    public void Exact_duplicates_give_the_greatest_value(int batchSize)
    {
        using var scope = NewDisposeScope();
        var rows = randn(64, 5, generator: new Generator(4));
        using var buffer = new ActivationBuffer(new RepeatingSource(rows), blockLength: 2048, refillBlocks: 4); // every row is in every block 32 times

        var information = MutualInformation.AllPairs(buffer, eye(5), [2, 3], 3, batchSize, keyBlocks: 2, cancellation: TestContext.Current.CancellationToken);

        var greatest = digamma(tensor(4097.0)).item<double>() - digamma(tensor(1.0)).item<double>();
        Near.Equal(greatest, information[0, 1], 1e-9);
    }

    [Theory]
    [InlineData(new[] { 9 })]
    [InlineData(new[] { 4, 1, 30 })]
    public void OneBatch_is_that_of_nested_loops(int[] blockLengths)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(5);
        int[] sizes = [2, 1, 3];
        Tensor[] Units(int rows) => [.. sizes.Select(size => randn(rows, size, dtype: float64, generator: generator))];
        var queries = Units(28);
        var blocks = blockLengths.Select(Units).ToArray();

        var found = EagerMutualInformation.OneBatch(queries, blocks, compute_mode.donot_use_mm_for_euclid_dist);

        for (var a = 0; a < sizes.Length; a++)
        {
            for (var b = 0; b < sizes.Length; b++)
            {
                if (a != b)
                    Near.Equal(ByLoops(queries, blocks, a, b), found[a, b].item<double>(), 1e-12);
            }
        }
    }

    [Fact]
    public void Normalize_divides_by_the_dimensions_of_both()
    {
        var normalized = MutualInformation.Normalize(new double[,] { { double.NaN, 6 }, { 6, double.NaN } }, [1, 2]);

        Assert.Equal(2, normalized[0, 1]);
        Assert.Equal(2, normalized[1, 0]);
    }

    [Fact]
    public void AllPairs_stops_when_cancelled()
    {
        using var buffer = new ActivationBuffer(new CountingSource(2), 2000, 2);

        Assert.Throws<OperationCanceledException>(() => MutualInformation.AllPairs(buffer, eye(2), [1, 1], 2, 2, 1, cancellation: new CancellationToken(canceled: true)));
    }

    private static double[,] OfGaussians(double rho, int[] sizes, double scaleOfSecond = 1)
    {
        using var scope = NewDisposeScope();
        var first = randn(60_000, sizes[0], generator: new Generator(6));
        var noise = randn(60_000, sizes[1], generator: new Generator(7));
        var second = (float)rho * first + (float)Math.Sqrt(1 - rho * rho) * noise;
        using var source = new ShuffledSource(cat([first, (float)scaleOfSecond * second], dim: 1), new Generator(8));
        using var buffer = new ActivationBuffer(source, BlockLength, 4);
        return MutualInformation.AllPairs(buffer, eye(sizes.Sum()), sizes, Batches, BatchSize, 1, cancellation: TestContext.Current.CancellationToken);
    }

    private static double ByLoops(Tensor[] queries, Tensor[][] blocks, int a, int b)
    {
        double Digamma(int n) => -0.57721566490153286 + Enumerable.Range(1, n - 1).Sum(k => 1.0 / k);
        double[] Distances(int unit, long query) => [.. blocks.SelectMany(block => Enumerable.Range(0, (int)block[unit].shape[0]).Select(key =>
            (queries[unit][query] - block[unit][key]).square().sum().sqrt().item<double>()))];

        var total = 0.0;
        for (var query = 0; query < queries[a].shape[0]; query++)
        {
            double[] ofA = Distances(a, query), ofB = Distances(b, query);
            var epsilon = ofA.Zip(ofB, Math.Max).Min();
            total += Digamma(1) + Digamma(ofA.Length + 1)
                - Digamma(ofA.Count(distance => distance < epsilon) + 1) - Digamma(ofB.Count(distance => distance < epsilon) + 1);
        }

        return total / queries[a].shape[0];
    }

    /// <summary>The same rows again and again, in order.</summary>
    private sealed class RepeatingSource(Tensor rows) : IActivationSource
    {
        public int DModel => (int)rows.shape[1];

        public Tensor Next(int count) => rows.index_select(0, arange(count, dtype: int64) % rows.shape[0]);
    }
}
