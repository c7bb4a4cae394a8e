using CsCheck;
using SubspaceCircuits.Training.Engine;

namespace SubspaceCircuits.Tests.Training.Engine;

/// <summary>Products of small whole numbers, which float32 holds exactly: every element must be equal to that of a plain loop.</summary>
public sealed class MatrixProductTests
{
    private sealed record Sizes(int Rows, int Columns, int Depth, int ExtraA, int ExtraB, int ExtraC, bool IsTransposed, int Seed);

    private static readonly Gen<Sizes> AllSizes = Gen.Select(
        Gen.Select(Gen.Int[1, 13], Gen.Int[1, 6].Select(lanes => lanes * Lanes.Width), Gen.Int[1, 300]),
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 9], Gen.Int[0, 9]),
        Gen.Bool, Gen.Int).Select((sizes, extra, isTransposed, seed) => new Sizes(sizes.Item1, sizes.Item2, sizes.Item3, extra.Item1, extra.Item2, extra.Item3, isTransposed, seed));

    [Fact]
    public void Product_is_that_of_a_plain_loop_and_touches_nothing_beside_it() => AllSizes.Sample(Check, iter: 300);

    [Theory]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(512)]
    [InlineData(513)]
    public void Depth_at_the_border_of_a_block_is_right(int depth) => Check(new Sizes(7, 24, depth, 0, 0, 0, false, 1));

    private static void Check(Sizes sizes)
    {
        var (rows, columns, depth, extraA, extraB, extraC, isTransposed, seed) = sizes;
        var random = new Random(seed);
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(-3, 4))];
        int aStride = (isTransposed ? rows : depth) + extraA, bRow = columns + extraB, cRow = columns + extraC;
        var (aRow, aDepth) = isTransposed ? (1, aStride) : (aStride, 1);
        var (a, b, c) = (Numbers((isTransposed ? depth : rows) * aStride), Numbers(depth * bRow), Numbers(rows * cRow));
        var expected = c.ToArray();
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                expected[row * cRow + column] += Enumerable.Range(0, depth).Sum(k => a[row * aRow + k * aDepth] * b[k * bRow + column]);
        }

        MatrixProduct.Add(ref a[0], aRow, aDepth, ref b[0], bRow, ref c[0], cRow, rows, columns, depth);

        Assert.Equal(expected, c);
    }
}
