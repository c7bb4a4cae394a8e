namespace SubspaceCircuits.Scores;

/// <summary>The space that the columns of a matrix span.</summary>
internal static class ColumnSpan
{
    /// <summary>Directions weaker than this part of the strongest are rounding of numbers kept in float32.</summary>
    private const double RankTolerance = 1e-6;

    /// <summary>An orthonormal basis: left singular vectors of the matrix.</summary>
    /// <param name="matrix">Columns need be neither orthogonal nor independent. [d_model, n]</param>
    /// <param name="what">What it is, for the message.</param>
    /// <returns>float64, on the CPU. [d_model, rank]</returns>
    /// <exception cref="ArgumentException">It is not a matrix, not finite or of rank 0.</exception>
    public static Tensor Of(Tensor matrix, string what)
    {
        using var scope = NewDisposeScope();
        if (matrix.dim() != 2 || matrix.numel() == 0 || !matrix.isfinite().all().item<bool>())
            throw new ArgumentException($"The basis of {what} should be a finite matrix [d_model, size], but has shape [{string.Join(", ", matrix.shape)}] or entries that are not finite.");
        var (u, s, _) = linalg.svd(matrix.to(float64).cpu(), fullMatrices: false);
        var strongest = s[0].item<double>();
        if (strongest == 0)
            throw new ArgumentException($"The basis of {what} is zero. Leave out what has no dimensions.");
        var rank = s.gt(RankTolerance * strongest).sum().item<long>();
        return u.narrow(1, 0, rank).MoveToOuterDisposeScope();
    }
}
