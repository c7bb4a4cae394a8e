using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests.Subspaces;

public sealed class SubspaceOverlapTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(30, 0.75)]
    [InlineData(90, 0)]
    public void Of_two_lines_it_is_the_squared_cosine(double degrees, double expected)
    {
        using var scope = NewDisposeScope();
        var angle = degrees * Math.PI / 180;
        Tensor a = tensor([1.0, 0.0], [2, 1]), b = tensor([Math.Cos(angle), Math.Sin(angle)], [2, 1]);

        Near.Equal(expected, SubspaceOverlap.Of(a, b), 1e-12);
        Near.Equal(expected, SubspaceOverlap.OfVariance(a, b, eye(2)), 1e-12);
    }

    [Fact]
    public void A_part_of_a_subspace_is_not_the_whole()
    {
        using var scope = NewDisposeScope();
        var axes = eye(3);

        Near.Equal(2 / 3.0, SubspaceOverlap.Of(axes.narrow(1, 0, 2), axes), 1e-12);
    }

    [Fact]
    public void Directions_without_variance_count_nothing()
    {
        using var scope = NewDisposeScope();
        var axes = eye(3);
        var covariance = diag(tensor([4.0, 1.0, 0.0]));

        Near.Equal(1, SubspaceOverlap.OfVariance(axes.narrow(1, 0, 2), axes, covariance), 1e-12);
        Near.Equal(0.8, SubspaceOverlap.OfVariance(axes.narrow(1, 0, 1), axes.narrow(1, 0, 2), covariance), 1e-12);
    }
}
