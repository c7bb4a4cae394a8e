using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests.Subspaces;

public sealed class NeighborSearchTests
{
    private static readonly int[] Sizes = [3, 1, 2];

    [Theory]
    [InlineData(5, new[] { 7, 1, 12 })]
    [InlineData(40, new[] { 60, 33 })]
    [InlineData(1, new[] { 1 })]
    public void Nearest_is_that_of_a_brute_force_search(int queryCount, int[] blockLengths)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator((ulong)queryCount);
        var queries = randn(queryCount, 6, dtype: float64, generator: generator);
        var blocks = blockLengths.Select(length => randn(length, 6, dtype: float64, generator: generator)).ToArray();
        var rotation = Rotation.Random(6, generator, ScalarType.Float64);

        var (keys, distances) = NeighborSearch.Nearest(queries, blocks, rotation, Sizes);

        var (expectedKeys, expectedDistances) = BruteForce(queries, cat(blocks, dim: 0), rotation);
        Near.Equal(expectedKeys, keys, 0);
        Near.Equal(expectedDistances, distances, 1e-13);
    }

    [Fact]
    public void Nearest_finds_a_close_key_far_from_the_origin()
    {
        // Squared norms of 1e6 lose squared distances below 0.1 in float32; the other keys are further apart than that.
        using var scope = NewDisposeScope();
        var generator = new Generator(8);
        var keys = randn(100, 6, generator: generator);
        var queries = keys.narrow(0, 0, 30) + 0.01f * randn(30, 6, generator: generator);
        var (rotation, offset) = (Rotation.Random(6, generator), full(6, 400f));

        var (found, distances) = NeighborSearch.Nearest(queries + offset, [keys + offset], rotation, [6]);

        Near.Equal((keys + offset).narrow(0, 0, 30), found[0], 0);
        Near.Equal(linalg.vector_norm((queries - keys.narrow(0, 0, 30)).to(float64), 2, [-1]), distances[0], 1e-3); // rotated entries near 1e3 round by 6e-5
    }

    [Fact]
    public void A_duplicate_of_a_query_lies_at_distance_zero()
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(9);
        var keys = randn(200, 6, generator: generator);
        var queries = keys.narrow(0, 50, 60).clone();
        var rotation = Rotation.Random(6, generator);

        var (found, distances) = NeighborSearch.Nearest(queries, [keys.narrow(0, 0, 80), keys.narrow(0, 80, 120)], rotation, Sizes);

        Near.Equal(queries.unsqueeze(0).expand(3, 60, 6), found, 0);
        Assert.InRange(distances.max().item<float>(), 0, 1e-6f); // the products of queries and keys may round differently
    }

    [Fact]
    public void On_ties_the_key_met_first_wins()
    {
        using var scope = NewDisposeScope();
        var queries = tensor(new float[] { 0, 0 }, [1, 2]);
        var first = tensor(new float[] { 5, 0, 1, 7 }, [2, 2]);
        var second = tensor(new float[] { -1, -7 }, [1, 2]);

        var (keys, distances) = NeighborSearch.Nearest(queries, [first, second], eye(2), [1, 1]);

        Near.Equal(tensor(new float[] { 1, 7 }), keys[0, 0], 0);
        Near.Equal(tensor(new float[] { 5, 0 }), keys[1, 0], 0);
        Near.Equal(tensor(new float[] { 1, 0 }, [2, 1]), distances, 0);
    }

    [Fact]
    public void Keys_are_converted_from_their_storage_type()
    {
        using var scope = NewDisposeScope();
        var keys = randn(20, 4, generator: new Generator(10)).to(float16);

        var (found, distances) = NeighborSearch.Nearest(keys.to(float32), [keys], eye(4), [2, 2]);

        Near.Equal(keys.to(float32), found[1], 0);
        Assert.Equal(ScalarType.Float32, distances.dtype);
    }

    [Fact]
    public void A_search_without_keys_is_refused() =>
        Assert.Throws<ArgumentException>(() => NeighborSearch.Nearest(zeros(1, 2), [], eye(2), [2]));

    private static (Tensor Keys, Tensor Distances) BruteForce(Tensor queries, Tensor keys, Tensor rotation)
    {
        double[,] q = Rows(queries.matmul(rotation)), k = Rows(keys.matmul(rotation));
        var nearest = new List<long>();
        var distances = new List<double>();
        var start = 0;
        foreach (var size in Sizes)
        {
            for (var query = 0; query < q.GetLength(0); query++)
            {
                var all = Enumerable.Range(0, k.GetLength(0)).Select(key =>
                    Math.Sqrt(Enumerable.Range(start, size).Sum(column => Math.Pow(q[query, column] - k[key, column], 2)))).ToArray();
                nearest.Add(Array.IndexOf(all, all.Min()));
                distances.Add(all.Min());
            }

            start += size;
        }

        long[] shape = [Sizes.Length, queries.shape[0]];
        return (keys.index_select(0, tensor(nearest.ToArray())).reshape([.. shape, keys.shape[1]]), tensor(distances.ToArray(), shape));
    }

    private static double[,] Rows(Tensor matrix)
    {
        var flat = matrix.contiguous().data<double>().ToArray();
        var rows = new double[matrix.shape[0], matrix.shape[1]];
        Buffer.BlockCopy(flat, 0, rows, 0, flat.Length * sizeof(double));
        return rows;
    }
}
