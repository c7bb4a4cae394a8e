using SubspaceCircuits.Scores.Measures;

namespace SubspaceCircuits.Tests.Scores.Measures;

public sealed class PrincipalAnglesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1e-9)] // its cosine is 1 in float64
    [InlineData(0.5)]
    [InlineData(Math.PI / 2)]
    public void Of_two_lines_it_is_the_angle_between_them(double angle)
    {
        using var scope = NewDisposeScope();
        Tensor a = tensor([1.0, 0.0], [2, 1]), b = tensor([Math.Cos(angle), Math.Sin(angle)], [2, 1]);

        Assert.Equal(angle, Assert.Single(PrincipalAngles.Of(a, b)), 1e-15);
    }

    [Fact]
    public void Of_two_planes_the_greatest_comes_first()
    {
        using var scope = NewDisposeScope();
        var (plane, tilted) = (Planes.Of(4, 0, 1), Planes.Tilted(0.3, 0.4));

        var angles = PrincipalAngles.Of(plane, tilted);

        Assert.Equal([0.4, 0.3], angles.Select(angle => Math.Round(angle, 12)));
        Assert.Equal(0.5, PrincipalAngles.GrassmannDistance(angles), 1e-12); // 3, 4, 5
    }

    [Fact]
    public void Line_within_a_plane_is_at_no_angle()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(0, Assert.Single(PrincipalAngles.Of(Planes.Of(3, 0, 1), Planes.Of(3, 1))), 1e-15);
        Assert.Equal(Math.PI / 2, Assert.Single(PrincipalAngles.Of(Planes.Of(3, 2), Planes.Of(3, 0, 1))), 1e-15);
    }
}
