using System.Numerics;
using SubspaceCircuits.Circuits;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits;

public sealed class RotaryQkTests
{
    private const int DHead = 6;
    private static readonly int[] Distances = [0, 1, 2, 5, 31];

    public static TheoryData<int, RotaryPairs> Settings => new() { { 6, RotaryPairs.Adjacent }, { 6, RotaryPairs.HalfSplit }, { 4, RotaryPairs.Adjacent }, { 4, RotaryPairs.HalfSplit }, { 0, RotaryPairs.Adjacent } };

    /// <summary>Every score is that of a query and a key which positions have turned, as models turn them.</summary>
    [Theory]
    [MemberData(nameof(Settings))]
    public void Energies_are_those_of_scores_between_turned_queries_and_keys(int dimensions, RotaryPairs pairs)
    {
        using var scope = NewDisposeScope();
        using var site = Site();
        var (queries, keys) = Maps();

        var rotary = RotaryQk.Of(queries, keys, site, new RotarySettings(dimensions, pairs, 100), Distances);

        foreach (var (distance, energies) in Distances.Zip(rotary.Energies))
        {
            const int KeyPosition = 7;
            var scores = Turned(queries, KeyPosition + distance, dimensions, pairs).matmul(Turned(keys, KeyPosition, dimensions, pairs).T); // [d_model, d_model]
            Near.Equal(Partition.BlockSums(scores.square(), site, site), energies, 1e-12);
        }
    }

    [Fact]
    public void At_distance_zero_they_are_the_plain_energies()
    {
        using var scope = NewDisposeScope();
        using var site = Site();
        var (queries, keys) = Maps();

        var rotary = RotaryQk.Of(queries, keys, site, new RotarySettings(DHead, RotaryPairs.Adjacent), [0]);

        Near.Equal(Partition.BlockSums(queries.matmul(keys.T).square(), site, site), rotary.Energies[0], 1e-12);
    }

    [Fact]
    public void Mean_and_peak_are_over_the_distances()
    {
        var rotary = new RotaryQk([3, 5, 9], [new double[,] { { 1, 2 } }, new double[,] { { 4, 2 } }, new double[,] { { 1, 8 } }]);

        Near.Equal(new double[,] { { 2, 4 } }, rotary.Mean(), 1e-15);
        Assert.Equal([5, 9], rotary.Peak().Cast<int>());
    }

    [Fact]
    public void A_head_that_looks_two_back_peaks_at_two()
    {
        using var scope = NewDisposeScope();
        using var site = Site();
        var settings = new RotarySettings(DHead, RotaryPairs.HalfSplit, 50);
        var queries = zeros(10, DHead, dtype: float64);
        queries[0] = ones(DHead, dtype: float64);

        var rotary = RotaryQk.Of(queries, queries.matmul(settings.Turn(2, DHead)), site, settings, [0, 1, 2, 3, 4, 5]);

        Assert.Equal(2, rotary.Peak()[0, 0]);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(-2)]
    public void Rotary_dimensions_that_a_head_does_not_have_are_refused(int dimensions)
    {
        using var scope = NewDisposeScope();
        using var site = Site();
        var (queries, keys) = Maps();

        Assert.Throws<ArgumentException>(() => RotaryQk.Of(queries, keys, site, new RotarySettings(dimensions, RotaryPairs.Adjacent), Distances));
    }

    private static Partition Site() => new(null, eye(10, dtype: float64), [5, 3, 2], zeros(10, dtype: float64), eye(10, dtype: float64));

    private static (Tensor Queries, Tensor Keys) Maps() =>
        (randn(10, DHead, dtype: float64, generator: new Generator(1)), randn(10, DHead, dtype: float64, generator: new Generator(2)));

    /// <summary>Rows with their coordinates turned as complex numbers.</summary>
    private static Tensor Turned(Tensor rows, int position, int dimensions, RotaryPairs pairs)
    {
        var values = Blocks.ToArray(rows);
        for (var row = 0; row < values.GetLength(0); row++)
        {
            for (var k = 0; k < dimensions / 2; k++)
            {
                var (x, y) = pairs is RotaryPairs.Adjacent ? (2 * k, 2 * k + 1) : (k, dimensions / 2 + k);
                var turned = new Complex(values[row, x], values[row, y]) * Complex.FromPolarCoordinates(1, position / Math.Pow(100, 2.0 * k / dimensions));
                (values[row, x], values[row, y]) = (turned.Real, turned.Imaginary);
            }
        }

        return tensor(values);
    }
}
