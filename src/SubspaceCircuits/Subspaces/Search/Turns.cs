namespace SubspaceCircuits.Subspaces.Search;

/// <summary>
/// Fixed random rotations within a subspace. They change no distance, and spread what lies in few coordinates over all of them, which
/// makes a common step for all coordinates fine (the idea of QuaRot, Ashkboos et al. 2024).
/// </summary>
internal static class Turns
{
    private static readonly Dictionary<int, float[]> Made = [];

    /// <summary>An orthogonal matrix, the same in every run. [size, size]</summary>
    public static float[] Of(int size)
    {
        lock (Made)
        {
            if (Made.TryGetValue(size, out var made))
                return made;
            var random = new Random(size);
            var rows = new double[size][];
            for (var i = 0; i < size; i++)
            {
                var row = rows[i] = [.. Enumerable.Range(0, size).Select(_ => Gaussian(random))];
                for (var pass = 0; pass < 2; pass++) // Gram and Schmidt; twice is enough
                {
                    for (var j = 0; j < i; j++)
                    {
                        var product = Product(row, rows[j]);
                        for (var k = 0; k < size; k++)
                            row[k] -= product * rows[j][k];
                    }
                }

                var norm = Math.Sqrt(Product(row, row));
                for (var k = 0; k < size; k++)
                    row[k] /= norm;
            }

            return Made[size] = [.. rows.SelectMany(row => row).Select(value => (float)value)];
        }
    }

    private static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double Product(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
