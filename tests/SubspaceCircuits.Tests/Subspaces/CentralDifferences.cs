namespace SubspaceCircuits.Tests.Subspaces;

/// <summary>The gradient of a scalar function by central differences, in float64.</summary>
internal static class CentralDifferences
{
    /// <summary>
    /// For values and derivatives of order one the truncation error is about h² = 1e-10 and the rounding error 1e-16/h = 1e-11.
    /// </summary>
    public const double Tolerance = 1e-8;

    private const double Step = 1e-5;

    /// <returns>As <paramref name="at"/>, float64.</returns>
    public static Tensor Gradient(Func<Tensor, double> function, Tensor at)
    {
        var values = at.data<double>().ToArray();
        var gradient = new double[values.Length];
        double Shifted(int index, double by)
        {
            var moved = values.ToArray();
            moved[index] += by;
            using var point = tensor(moved, at.shape);
            return function(point);
        }

        for (var index = 0; index < values.Length; index++)
            gradient[index] = (Shifted(index, Step) - Shifted(index, -Step)) / (2 * Step);
        return tensor(gradient, at.shape);
    }
}
