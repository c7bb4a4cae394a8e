using SubspaceCircuits.Backend.Vectors;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Search;

namespace SubspaceCircuits.Tests.Subspaces;

public sealed class NeighborSearchTests
{
    // Distances of order 1 from float32 coordinates of order 1 to 5; the search takes differences of coordinates.
    private const double Rounding = 5e-6;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<VectorPath, int, int[], int[], int> Shapes()
    {
        TheoryData<VectorPath, int, int[], int[], int> shapes = [];
        foreach (var path in Enum.GetValues<VectorPath>().Where(VectorPaths.IsSupported))
        {
            foreach (var threads in new[] { 1, 2 })
            {
                shapes.Add(path, 5, [7, 1, 12], [3, 1, 2], threads);        // fewer keys than a tile
                shapes.Add(path, 1, [1], [6], threads);
                shapes.Add(path, 130, [997, 331], [2, 2, 2, 2, 1], threads); // trees
                shapes.Add(path, 133, [1003, 500], [19, 9], threads);       // candidates; multiples of nothing
                shapes.Add(path, 70, [610, 611], [40, 12, 8, 5, 4], threads); // both
                shapes.Add(path, 300, [700], [33], threads);                // more queries than a batch
            }
        }

        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Nearest_is_that_of_loops_in_float64(VectorPath path, int queryCount, int[] blockLengths, int[] sizes, int threads)
    {
        using var scope = NewDisposeScope();
        var (queries, blocks, rotation) = Gaussian(queryCount, blockLengths, sizes.Sum());

        var (keys, distances) = NeighborSearch.Nearest(queries, blocks, rotation, sizes, 1, new EngineSettings { Path = path, Threads = threads }, Cancellation);

        Same(new NeighborOracle(queries, cat(blocks, dim: 0), rotation, sizes), keys, distances);
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float64)]
    public void Keys_are_read_in_their_storage_type(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var (queries, blocks, rotation) = Gaussian(20, [400], 13);
        Tensor[] stored = [.. blocks.Select(block => block.to(type))];

        var (keys, distances) = NeighborSearch.Nearest(queries, stored, rotation, [9, 4], cancellation: Cancellation);

        Same(new NeighborOracle(queries, cat(stored, dim: 0), rotation, [9, 4]), keys, distances);
    }

    [Fact]
    public void Subnormal_and_extreme_halves_are_read_exactly()
    {
        using var scope = NewDisposeScope();
        var every = tensor(Enumerable.Range(0, 65536).Select(bits => (float)BitConverter.UInt16BitsToHalf((ushort)bits)).Where(float.IsFinite).ToArray());
        var rows = every.narrow(0, 0, every.numel() / 24 * 24).reshape(-1, 24);
        var loaded = new float[24];

        var stored = new StoredRows(rows.to(float16));

        for (var row = 0; row < stored.Count; row += 7)
        {
            unsafe
            {
                fixed (float* target = loaded)
                    stored.Load(row, target, null);
            }

            Assert.Equal(rows[row].data<float>().ToArray(), loaded);
        }
    }

    [Theory]
    [InlineData(new[] { 3, 3 })]
    [InlineData(new[] { 12 })]
    public void A_close_key_far_from_the_origin_is_found(int[] sizes)
    {
        // Squared norms of 2e6 would hide squared distances below 0.1 in float32; a common center takes them away.
        using var scope = NewDisposeScope();
        var generator = new Generator(8);
        var keys = randn(100, sizes.Sum(), generator: generator);
        var queries = keys.narrow(0, 0, 30) + 0.01f * randn(30, sizes.Sum(), generator: generator);

        var (found, _) = NeighborSearch.Nearest(queries + 400f, [keys + 400f], Rotation.Random(sizes.Sum(), generator), sizes, cancellation: Cancellation);

        foreach (var unit in Enumerable.Range(0, sizes.Length))
            Near.Equal(arange(30, dtype: int64), found[unit].flatten(), 0);
    }

    [Theory]
    [InlineData(new[] { 3, 1, 2 })]
    [InlineData(new[] { 10 })]
    public void A_duplicate_of_a_query_lies_at_distance_zero_and_the_first_of_equals_wins(int[] sizes)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(9);
        var distinct = randn(50, sizes.Sum(), generator: generator);
        var keys = cat([distinct, distinct, distinct, distinct], dim: 0);

        var (found, distances) = NeighborSearch.Nearest(distinct, [keys.narrow(0, 0, 80), keys.narrow(0, 80, 120)], Rotation.Random(sizes.Sum(), generator), sizes, cancellation: Cancellation);

        foreach (var unit in Enumerable.Range(0, sizes.Length))
            Near.Equal(arange(50, dtype: int64), found[unit].flatten(), 0);
        Assert.InRange(distances.max().item<float>(), 0, 1e-6f);
    }

    [Fact]
    public void On_ties_the_key_met_first_wins()
    {
        using var scope = NewDisposeScope();
        var queries = tensor(new float[] { 0, 0 }, [1, 2]);
        var first = tensor(new float[] { 5, 0, 1, 7 }, [2, 2]);
        var second = tensor(new float[] { -1, -7 }, [1, 2]);

        var (keys, distances) = NeighborSearch.Nearest(queries, [first, second], eye(2), [1, 1], cancellation: Cancellation);

        Near.Equal(tensor(new long[] { 1, 0 }), keys.flatten(), 0);
        Near.Equal(tensor(new float[] { 1, 0 }), distances.flatten(), 1e-6);
    }

    [Theory]
    [InlineData(VectorPath.Portable, 5)]
    [InlineData(VectorPath.Avx512, 3)]
    [InlineData(VectorPath.Avx2, 40)]
    public void Several_nearest_keys_are_those_of_loops_in_float64(VectorPath path, int count)
    {
        Assert.SkipUnless(VectorPaths.IsSupported(path), $"This machine has no {path}.");
        using var scope = NewDisposeScope();
        int[] sizes = [11, 3, 2];
        var (queries, blocks, rotation) = Gaussian(30, [200, 113], 16);

        var (keys, distances) = NeighborSearch.Nearest(queries, blocks, rotation, sizes, count, new EngineSettings { Path = path }, Cancellation);

        Several(new NeighborOracle(queries, cat(blocks, dim: 0), rotation, sizes), keys, distances, count);
    }

    [Fact]
    public void All_keys_can_be_asked_for_and_duplicates_count()
    {
        using var scope = NewDisposeScope();
        var keys = randn(40, 6, generator: new Generator(11));
        keys = cat([keys, keys], dim: 0);

        var (found, _) = NeighborSearch.Nearest(keys.narrow(0, 0, 5), [keys], eye(6), [6], count: 80, cancellation: Cancellation);

        Near.Equal(arange(80, dtype: int64).expand(1, 5, 80), found.sort(dim: -1).Values, 0);
        Near.Equal(tensor(new long[] { 3, 43 }), found[0, 3].narrow(0, 0, 2), 0);
    }

    [Theory]
    [InlineData(VectorPath.Portable)]
    [InlineData(VectorPath.Avx2)]
    [InlineData(VectorPath.Avx512)]
    public void Within_are_those_of_loops_in_float64(VectorPath path)
    {
        Assert.SkipUnless(VectorPaths.IsSupported(path), $"This machine has no {path}.");
        using var scope = NewDisposeScope();
        int[] sizes = [9, 3];
        const float Radius = 1.7f;
        var (queries, blocks, rotation) = Gaussian(29, [150, 67], 12);

        var (matches, distances) = NeighborSearch.Within(queries, blocks, rotation, sizes, Radius, path, Cancellation);

        var oracle = new NeighborOracle(queries, cat(blocks, dim: 0), rotation, sizes);
        var expected = (from unit in Enumerable.Range(0, 2)
                        from query in Enumerable.Range(0, 29)
                        from key in Enumerable.Range(0, 217)
                        where oracle[unit, query, key] <= Radius
                        select (unit, query, key)).ToArray();
        Assert.NotEmpty(expected);
        Near.Equal(tensor([.. expected.SelectMany(match => new long[] { match.unit, match.query, match.key })], [expected.Length, 3]), matches, 0);
        Near.Equal(tensor(expected.Select(match => oracle[match.unit, match.query, match.key]).ToArray()), distances, Rounding);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void The_path_for_other_devices_finds_the_same_on_the_cpu(int count)
    {
        using var scope = NewDisposeScope();
        int[] sizes = [10, 4, 2];
        var (queries, blocks, rotation) = Gaussian(50, [300, 7], 16);

        var (keys, distances) = TensorSearch.Nearest(queries, blocks, rotation, sizes, count, Cancellation);

        Several(new NeighborOracle(queries, cat(blocks, dim: 0), rotation, sizes), keys, distances, count);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Values_that_are_not_finite_are_refused(float value)
    {
        using var scope = NewDisposeScope();
        var (queries, blocks, rotation) = Gaussian(4, [30], 6);
        blocks[0][3, 2] = value;

        var refusal = Assert.Throws<ArgumentException>(() => NeighborSearch.Nearest(queries, blocks, rotation, [6], cancellation: Cancellation));

        Assert.Contains("not finite", refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("at least one block", Assert.Throws<ArgumentException>(() => NeighborSearch.Nearest(zeros(1, 2), [], eye(2), [2], cancellation: Cancellation)).Message);
        Assert.Contains("as wide as the rotation", Assert.Throws<ArgumentException>(() => NeighborSearch.Nearest(zeros(1, 3), [zeros(4, 2)], eye(2), [2], cancellation: Cancellation)).Message);
        Assert.Contains("no more", Assert.Throws<ArgumentException>(() => NeighborSearch.Nearest(zeros(1, 2), [zeros(4, 2)], eye(2), [2], count: 5, cancellation: Cancellation)).Message);
        Assert.Contains("negative", Assert.Throws<ArgumentException>(() => NeighborSearch.Within(zeros(1, 2), [zeros(4, 2)], eye(2), [2], -1, cancellation: Cancellation)).Message);
    }

    private static (Tensor Queries, Tensor[] Blocks, Tensor Rotation) Gaussian(int queries, int[] blockLengths, int d)
    {
        var generator = new Generator((ulong)(queries + d));
        return (randn(queries, d, generator: generator), [.. blockLengths.Select(length => randn(length, d, generator: generator))], Rotation.Random(d, generator));
    }

    private static void Same(NeighborOracle oracle, Tensor keys, Tensor distances) => Several(oracle, keys, distances, 1);

    private static void Several(NeighborOracle oracle, Tensor keys, Tensor distances, int count)
    {
        var units = (int)keys.shape[0];
        Assert.Equal([units, oracle.Queries, count], keys.shape);
        for (var unit = 0; unit < units; unit++)
        {
            for (var query = 0; query < oracle.Queries; query++)
            {
                var expected = oracle.Sorted(unit, query);
                for (var i = 0; i < count; i++)
                {
                    var key = (int)keys[unit, query, i].item<long>();
                    Assert.True(key == expected[i].Key || Math.Abs(oracle[unit, query, key] - expected[i].Distance) < Rounding, $"unit {unit}, query {query}: key {key} at {oracle[unit, query, key]:g8}, not {expected[i]}");
                    Near.Equal(expected[i].Distance, distances[unit, query, i].item<float>(), Rounding);
                }
            }
        }
    }
}
