namespace SubspaceCircuits.Subspaces.Discovery.Proposals;

/// <summary>
/// The cut that the cumulants of the data suggest: the eigenvectors of the matrix that commutes best with all of them, cut at the widest gap between eigenvalues.
/// </summary>
public sealed record CumulantProposal : ISplitProposal
{
    /// <summary>Rows used at most, at least 8. Default 20,000.</summary>
    public int Rows { get; init; } = 20_000;

    /// <summary>Parts of the rows whose noise is taken to be independent, at least 2. Default 4.</summary>
    public int Folds { get; init; } = 4;

    /// <summary>Widths above which nothing is proposed: noise of the many cumulants would hide the blocks. Default 32.</summary>
    public int MostDimensions { get; init; } = 32;

    /// <inheritdoc/>
    public string Name => "cumulants";

    /// <inheritdoc/>
    public IEnumerable<SplitProposal> Propose(SplitGroup group, int leastDimensions, Generator generator, CancellationToken cancellation)
    {
        var rows = group.Rows;
        if (rows.shape[1] <= MostDimensions)
            yield return Propose(rows.narrow(0, 0, Math.Min(rows.shape[0], Rows)), Folds, leastDimensions, generator, cancellation);
    }

    private static SplitProposal Propose(Tensor rows, int folds, int leastDimensions, Generator generator, CancellationToken cancellation)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var slices = Cumulants.Slices(rows - rows.mean([0]), folds, generator, cancellation);
        var (matrix, residual) = Commutant.Least(slices, generator, cancellation);
        var (values, vectors) = linalg.eigh(matrix);
        double[] spectrum = [.. values.data<double>()];
        var size = Enumerable.Range(leastDimensions, spectrum.Length - 2 * leastDimensions + 1).MaxBy(cut => spectrum[cut] - spectrum[cut - 1]);
        return new SplitProposal(vectors.to(float32).MoveToOuterDisposeScope(), size, residual);
    }
}
