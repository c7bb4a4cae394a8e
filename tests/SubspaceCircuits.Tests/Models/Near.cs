namespace SubspaceCircuits.Tests.Models;

/// <summary>Assertions on tensors that differ by rounding.</summary>
internal static class Near
{
    /// <summary>Same shape, and no element further off than the tolerance; equal infinities are equal.</summary>
    public static void Equal(Tensor expected, Tensor actual, double tolerance, string what)
    {
        Assert.Equal(expected.shape, actual.shape);
        var distance = Distance(expected, actual);
        Assert.True(distance <= tolerance, $"{what} is off by {distance:G3}, more than {tolerance:G3}");
    }

    /// <summary>The greatest difference between two elements; NaN where one of them is NaN.</summary>
    public static double Distance(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (expected.to(float64), actual.to(float64));
        return where(a.eq(b), zeros_like(a), (a - b).abs()).max().item<double>();
    }
}
