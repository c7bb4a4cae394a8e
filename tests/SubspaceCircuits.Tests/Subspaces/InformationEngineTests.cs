using SubspaceCircuits.Backend.Vectors;
using SubspaceCircuits.Subspaces.Information;

namespace SubspaceCircuits.Tests.Subspaces;

/// <summary>Counts of the estimator against loops in float64.</summary>
public sealed class InformationEngineTests
{
    public static TheoryData<VectorPath, int, int[], int[], int> Shapes()
    {
        TheoryData<VectorPath, int, int[], int[], int> shapes = [];
        foreach (var path in Enum.GetValues<VectorPath>().Where(VectorPaths.IsSupported))
        {
            shapes.Add(path, 9, [700, 313], [2, 2, 2, 2], 1);
            shapes.Add(path, 6, [1500], [40, 7, 3, 1, 1], 2); // uneven, more units than a side
            shapes.Add(path, 1, [5], [1, 1], 1);              // fewer keys than a tile
            shapes.Add(path, 7, [130], [1, 2, 1, 1, 3, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2], 2); // more units than a vector
        }

        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Counts_are_those_of_loops_in_float64(VectorPath path, int queryCount, int[] blockLengths, int[] sizes, int threads)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator((ulong)queryCount);
        var queries = randn(queryCount, sizes.Sum(), generator: generator);
        var blocks = blockLengths.Select(length => randn(length, sizes.Sum(), generator: generator)).ToArray();
        var rotation = randn(sizes.Sum(), sizes.Sum(), generator: generator) / Math.Sqrt(sizes.Sum());
        using var engine = InformationEngines.Make(rotation, sizes, threads, path, memoryMiB: 64);

        var counts = engine.Counts(queries, 0, queryCount, blocks, TestContext.Current.CancellationToken);

        var oracle = new NeighborOracle(queries, cat(blocks, dim: 0), rotation, sizes);
        for (var query = 0; query < queryCount; query++)
        {
            for (var a = 0; a < sizes.Length; a++)
            {
                for (var b = 0; b < sizes.Length; b++)
                {
                    if (a == b)
                        continue;
                    var epsilon = Enumerable.Range(0, oracle.Keys).Min(key => Math.Max(oracle[a, query, key], oracle[b, query, key]));
                    // ε is one of the two distances itself: strictly below it, up to rounding.
                    var expected = Enumerable.Range(0, oracle.Keys).Count(key => oracle[a, query, key] < epsilon * (1 - 1e-5));
                    var atMost = Enumerable.Range(0, oracle.Keys).Count(key => oracle[a, query, key] < epsilon * (1 + 1e-5));
                    Assert.InRange(counts[(query * sizes.Length + a) * sizes.Length + b], expected, atMost);
                }
            }
        }
    }

    [Fact]
    public void Duplicates_of_a_query_count_for_nothing()
    {
        using var scope = NewDisposeScope();
        var rows = randn(300, 6, generator: new Generator(1)).to(float16);
        using var engine = InformationEngines.Make(randn(6, 6, generator: new Generator(2)), [2, 2, 2], 1, VectorPaths.Best, memoryMiB: 64);

        var counts = engine.Counts(rows, 10, 20, [rows], TestContext.Current.CancellationToken);

        Assert.All(counts, count => Assert.Equal(0, count)); // ε is exactly 0
    }

    [Fact]
    public void A_budget_that_is_too_small_is_refused_in_one_line()
    {
        using var scope = NewDisposeScope();
        var rows = randn(50_000, 6);
        using var engine = InformationEngines.Make(eye(6), [3, 3], 1, VectorPaths.Best, memoryMiB: 1);

        var refusal = Assert.Throws<ArgumentException>(() => engine.Counts(rows, 0, 4, [rows], TestContext.Current.CancellationToken));

        Assert.Contains("budget is 1 MiB", refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
    }
}
