namespace SubspaceCircuits.Subspaces.Discovery.Proposals;

/// <summary>A way to cut a group of directions in two.</summary>
/// <param name="Basis">Orthogonal; the first columns span one part, the others the other. [b, b], float32</param>
/// <param name="Size">Columns of the first part.</param>
/// <param name="Residual">How far the data's cumulants are from block diagonal in it (λ of the commutant), or null.</param>
public sealed record SplitProposal(Tensor Basis, int Size, double? Residual);

/// <summary>A group of directions to be cut.</summary>
/// <param name="Rows">Whitened coordinates. [row, b], float32</param>
/// <param name="Metric">Squared distances in the activations as they are, not whitened, are those of the rows by this matrix. [b, b], float32</param>
public sealed record SplitGroup(Tensor Rows, Tensor Metric)
{
    /// <summary>b: directions.</summary>
    public int Width => (int)Rows.shape[1];

    /// <summary>The symmetric root of the metric: rows times it are activations as they are. [b, b], float32, owned by the caller's scope.</summary>
    public Tensor Root()
    {
        using var scope = NewDisposeScope();
        var (values, vectors) = linalg.eigh(Metric.to(float64));
        return (vectors * values.clamp_min(0).sqrt()).matmul(vectors.T).to(float32).MoveToOuterDisposeScope();
    }
}

/// <summary>Proposes ways to cut a group of directions in two. Which of them is taken, if any, is decided elsewhere.</summary>
public interface ISplitProposal
{
    /// <summary>Name under which its proposals are recorded.</summary>
    string Name { get; }

    /// <summary>Cuts, the most promising first; made one by one, since the next is asked for only when none before was good enough.</summary>
    /// <param name="group">The group.</param>
    /// <param name="leastDimensions">Least size of a part.</param>
    /// <param name="generator">Where chance comes from.</param>
    /// <param name="cancellation">Checked in between.</param>
    IEnumerable<SplitProposal> Propose(SplitGroup group, int leastDimensions, Generator generator, CancellationToken cancellation);
}
