namespace SubspaceCircuits.Activations;

/// <summary>First and second moments of activations, in float64 and in one pass over chunks.</summary>
public static class Moments
{
    private const long Chunk = 65_536;

    /// <summary>Mean and unbiased covariance.</summary>
    /// <param name="activations">[row, d_model]</param>
    /// <returns>Mean [d_model] and covariance [d_model, d_model], float64.</returns>
    public static (Tensor Mean, Tensor Covariance) Of(Tensor activations)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var rows = activations.shape[0];
        var mean = Chunks(activations).Select(chunk => chunk.sum(dim: 0)).Aggregate((a, b) => a + b) / rows;
        var squares = Chunks(activations).Select(chunk => { var c = chunk - mean; return c.T.matmul(c); }).Aggregate((a, b) => a + b);
        return (mean.MoveToOuterDisposeScope(), (squares / Math.Max(1, rows - 1)).MoveToOuterDisposeScope());
    }

    private static IEnumerable<Tensor> Chunks(Tensor activations)
    {
        for (long start = 0; start < activations.shape[0]; start += Chunk)
            yield return activations.narrow(0, start, Math.Min(Chunk, activations.shape[0] - start)).to(float64);
    }
}
