using CsCheck;
using SubspaceCircuits.Training.Engine;

namespace SubspaceCircuits.Tests.Training.Engine;

public sealed class MatrixProductTests
{
    [Fact]
    public void Product_is_that_of_float64_loops_for_all_sizes_and_strides() =>
        Gen.Select(Gen.Int[1, 14], Gen.Int[1, 6], Gen.Int[1, 600], Gen.Int[0, 5], Gen.Bool).Sample((rows, lanes, depth, slack, isTransposed) =>
        {
            var random = new Random(rows * 1000 + depth);
            var columns = lanes * Lanes.Width;
            int bRow = columns + slack, cRow = columns + slack;
            var (aRow, aDepth) = isTransposed ? (1, rows + slack) : (depth + slack, 1);
            float[] Draw(int length) => [.. Enumerable.Range(0, length).Select(_ => (float)(random.NextDouble() - 0.5))];
            float[] a = Draw((rows + slack) * (depth + slack) + slack), b = Draw(depth * bRow), c = Draw(rows * cRow);
            var before = c.ToArray();

            MatrixProduct.Add(ref a[0], aRow, aDepth, ref b[0], bRow, ref c[0], cRow, rows, columns, depth);

            for (var row = 0; row < rows; row++)
            {
                for (var column = 0; column < cRow; column++)
                {
                    double sum = before[row * cRow + column];
                    for (var term = 0; column < columns && term < depth; term++)
                        sum += (double)a[row * aRow + term * aDepth] * b[term * bRow + column];
                    Assert.Equal(sum, c[row * cRow + column], 1e-4); // columns beyond the product stay untouched
                }
            }
        }, iter: 300, threads: 1);
}
