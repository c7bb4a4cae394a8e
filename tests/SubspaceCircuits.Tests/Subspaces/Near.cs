namespace SubspaceCircuits.Tests.Subspaces;

/// <summary>Comparisons of tensors and tables of numbers.</summary>
internal static class Near
{
    /// <summary>Greatest absolute difference of two tensors of the same shape.</summary>
    public static double Difference(Tensor a, Tensor b)
    {
        Assert.Equal(a.shape, b.shape);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return a.numel() == 0 ? 0 : (a.to(float64) - b.to(float64)).abs().max().item<double>();
    }

    public static void Equal(Tensor expected, Tensor actual, double tolerance)
    {
        var difference = Difference(expected, actual);
        Assert.True(difference <= tolerance, $"The tensors differ by up to {difference:g3}; at most {tolerance:g3} was expected.");
    }

    public static void Equal(double expected, double actual, double tolerance) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance, $"Expected {expected:g8} ± {tolerance:g3}, found {actual:g8}.");

    /// <summary>Same table; differences are relative to the greatest entry.</summary>
    public static void Equal(double[,] expected, double[,] actual, double tolerance)
    {
        Assert.Equal((expected.GetLength(0), expected.GetLength(1)), (actual.GetLength(0), actual.GetLength(1)));
        var scale = expected.Cast<double>().Max(Math.Abs);
        for (var i = 0; i < expected.GetLength(0); i++)
        {
            for (var j = 0; j < expected.GetLength(1); j++)
                Assert.True(Math.Abs(expected[i, j] - actual[i, j]) <= tolerance * scale, $"At [{i}, {j}] expected {expected[i, j]:g8}, found {actual[i, j]:g8}.");
        }
    }
}
