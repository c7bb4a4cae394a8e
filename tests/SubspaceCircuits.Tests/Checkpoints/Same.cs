namespace SubspaceCircuits.Tests.Checkpoints;

/// <summary>Assertions on whole tensors.</summary>
internal static class Same
{
    /// <summary>Same type, shape and bits; infinities count as equal, NaN does not.</summary>
    public static void Tensors(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.dtype, actual.dtype);
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(expected.eq(actual).all().item<bool>(), "the elements differ");
    }
}
