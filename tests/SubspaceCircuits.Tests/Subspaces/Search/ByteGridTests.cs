using System.Runtime.Intrinsics;
using SubspaceCircuits.Backend.Vectors;
using SubspaceCircuits.Subspaces.Search;

namespace SubspaceCircuits.Tests.Subspaces.Search;

public sealed unsafe class ByteGridTests
{
    [Theory]
    [InlineData(4, 1)]
    [InlineData(32, 1)]
    [InlineData(32, 30)]   // outliers, far outside the box and the balls
    [InlineData(256, 100)]
    public void Distances_of_bytes_bound_distances_of_vectors_from_below(int dimensions, float stretch)
    {
        var random = new Random(dimensions);
        const int Count = 60;
        using var vectors = Vectors(random, Count, dimensions, stretch);
        var grid = ByteGrid.For(vectors.Pointer, Count, dimensions, dimensions);
        var points = new sbyte[Count][];
        var errors = new double[Count];
        for (var i = 0; i < Count; i++)
        {
            points[i] = new sbyte[dimensions];
            fixed (sbyte* bytes = points[i])
                errors[i] = Math.Sqrt(grid.Round(vectors.Pointer + i * dimensions, (byte*)bytes, 0, out var norm));
            Assert.All(points[i], value => Assert.InRange(value, -63, 63));
        }

        for (var i = 0; i < Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (bytes, true2) = (0.0, 0.0);
                for (var k = 0; k < dimensions; k++)
                {
                    bytes += (points[i][k] - points[j][k]) * (points[i][k] - points[j][k]);
                    true2 += Math.Pow((double)vectors.Pointer[i * dimensions + k] - vectors.Pointer[j * dimensions + k], 2);
                }

                Assert.True(grid.Scale * Math.Sqrt(true2) * (1 + 1e-5) >= Math.Sqrt(bytes) - errors[i] - errors[j], $"{i}, {j}");
            }
        }
    }

    [Theory]
    [InlineData(VectorPath.Portable, 32)]
    [InlineData(VectorPath.Avx2, 32)]
    [InlineData(VectorPath.Avx512, 32)]
    [InlineData(VectorPath.Portable, 260)]
    [InlineData(VectorPath.Avx2, 260)]
    [InlineData(VectorPath.Avx512, 260)]
    public void Scores_of_the_greatest_grid_points_do_not_overflow(VectorPath path, int dimensions)
    {
        Assert.SkipUnless(VectorPaths.IsSupported(path), $"This machine has no {path}.");
        switch (path)
        {
            case VectorPath.Avx512:
                Scores<WideLanes, Vector512<float>>(dimensions);
                break;
            case VectorPath.Avx2:
                Scores<MiddleLanes, Vector256<float>>(dimensions);
                break;
            default:
                Scores<PortableLanes, Vector128<float>>(dimensions);
                break;
        }
    }

    private static void Scores<TLanes, TVector>(int dimensions)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var (random, panel) = (new Random(1), ByteScores<TLanes, TVector>.Panel);
        using var keyVectors = Vectors(random, Hits.Keys, dimensions, 1000);
        using var queryVectors = Vectors(random, panel, dimensions, 1000);
        using AlignedBuffer<byte> keys = new(Hits.Keys * dimensions);
        using AlignedBuffer<float> queries = new(panel * dimensions), start = new(panel), bars = new(panel), bias = new(Hits.Keys);
        using var hits = new Hits(1, panel);
        var grid = new ByteGrid(100, dimensions); // everything is cut off
        var points = new sbyte[panel][];
        for (var query = 0; query < panel; query++)
        {
            points[query] = new sbyte[dimensions];
            fixed (sbyte* bytes = points[query])
            {
                grid.Round(queryVectors.Pointer + query * dimensions, (byte*)bytes, 0, out _);
                int low = 0, high = 0;
                for (var i = 0; i < dimensions; i += 4)
                {
                    (low, high) = (low + bytes[i] + bytes[i + 1], high + bytes[i + 2] + bytes[i + 3]);
                    queries.Pointer[i / 4 * panel + query] = *(float*)(bytes + i);
                }

                start.Pointer[query] = BitConverter.UInt32BitsToSingle((ushort)(-ByteGrid.Offset * low) | (uint)(ushort)(-ByteGrid.Offset * high) << 16);
            }

            bars.Pointer[query] = BitConverter.Int32BitsToSingle(-1_000_000);
        }

        var norms = new int[Hits.Keys];
        for (var key = 0; key < Hits.Keys; key++)
        {
            grid.Round(keyVectors.Pointer + key * dimensions, keys.Pointer + key * dimensions, ByteGrid.Offset, out norms[key]);
            bias.Pointer[key] = BitConverter.Int32BitsToSingle(-((norms[key] + 1) / 2));
        }

        var found = ByteScores<TLanes, TVector>.Scan((float*)keys.Pointer, dimensions / 4, Hits.Keys, bias.Pointer, queries.Pointer, start.Pointer, bars.Pointer, hits.Masks, hits.Scores);

        Assert.Equal(1, found);
        for (var key = 0; key < Hits.Keys; key++)
        {
            for (var query = 0; query < panel; query++)
            {
                var expected = -((norms[key] + 1) / 2);
                for (var i = 0; i < dimensions; i++)
                    expected += (keys.Pointer[key * dimensions + i] - ByteGrid.Offset) * points[query][i];
                Assert.Equal(expected, BitConverter.SingleToInt32Bits(hits.Scores[key * panel + query]));
            }
        }
    }

    private static AlignedBuffer<float> Vectors(Random random, int count, int dimensions, float stretch)
    {
        AlignedBuffer<float> vectors = new(count * dimensions);
        for (var i = 0; i < count; i++)
        {
            var factor = i % 5 == 0 ? stretch : 1;
            for (var k = 0; k < dimensions; k++)
                vectors.Pointer[i * dimensions + k] = factor * ((float)random.NextDouble() - 0.3f);
        }

        return vectors;
    }
}
