using SubspaceCircuits.KnownCircuits.Twin;

namespace SubspaceCircuits.Tests.KnownCircuits.Twin;

public class TokenCodesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Codes_are_far_apart_whole_and_projected(int seed)
    {
        using var scope = NewDisposeScope();

        var codes = TokenCodes.Find(26, 16, 7, seed);

        var (_, own, other) = codes.Matches();
        Assert.InRange(codes.Coherence(), 0, .06);
        Assert.InRange(own, .95, 1);
        Assert.InRange(other, 0, .33);
    }

    [Fact]
    public void Codes_have_length_1_and_the_projection_is_orthonormal()
    {
        using var scope = NewDisposeScope();

        var codes = TokenCodes.Find(26, 16, 7, 0);

        Assert.InRange((codes.Codes.square().sum(dim: 1) - 1).abs().max().item<double>(), 0, 1e-12);
        Assert.InRange((codes.Projection.T.matmul(codes.Projection) - eye(7, dtype: float64)).abs().max().item<double>(), 0, 1e-12);
    }

    [Fact]
    public void Few_codes_become_a_simplex()
    {
        using var scope = NewDisposeScope();

        var codes = TokenCodes.Find(3, 2, 2, 0); // the projection is the whole plane

        Assert.Equal(-.5, codes.Coherence(), 1e-3);
    }
}
