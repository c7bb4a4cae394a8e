using SubspaceCircuits.Subspaces.Search;

namespace SubspaceCircuits.Tests.Subspaces.Search;

public sealed class DriftBoundTests
{
    [Theory]
    [InlineData(3, 2, 1e-6)]
    [InlineData(40, 32, 1)]
    [InlineData(100, 5, 1e-3)]
    public unsafe void The_bound_is_no_less_than_the_spectral_norm_and_near_it(int d, int size, double scale)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(1);
        var before = randn(d, d, generator: generator);
        var now = before + scale * randn(d, d, generator: generator);
        const int First = 1;
        var norm = linalg.svdvals((now.to(float64) - before.to(float64)).narrow(1, First, size))[0].item<double>();
        float[] a = now.data<float>().ToArray(), b = before.data<float>().ToArray();

        float bound;
        fixed (float* x = a, y = b)
            bound = DriftBound.Of(x, y, d, First, size);

        Assert.InRange(bound / norm, 1 - 1e-6, 1.15);
    }

    [Fact]
    public unsafe void A_rotation_that_did_not_move_has_bound_zero()
    {
        var same = new float[25];
        fixed (float* x = same)
            Assert.Equal(0, DriftBound.Of(x, x, 5, 1, 3));
    }
}
