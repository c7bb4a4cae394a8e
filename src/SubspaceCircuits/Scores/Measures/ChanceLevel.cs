namespace SubspaceCircuits.Scores.Measures;

/// <summary>What a figure is when the answer is random: without it no figure says anything.</summary>
/// <param name="Draws">How many random answers were scored.</param>
/// <param name="Mean">Mean of their figures.</param>
/// <param name="Percentile95">The least of their figures that at least 95 % of them do not exceed.</param>
/// <param name="PValue">
/// <c>(r + 1) / (n + 1)</c>, where r of n random answers reach the figure (Phipson and Smyth 2010, equation 2): never 0.
/// </param>
public sealed record ChanceLevel(int Draws, double Mean, double Percentile95, double PValue)
{
    /// <summary>Figures that are the same but for rounding count as reached.</summary>
    private const double Rounding = 1e-12;

    /// <summary>Compares a figure with those of random answers.</summary>
    /// <param name="figure">The figure; greater is better.</param>
    /// <param name="random">Figures of random answers, at least one.</param>
    public static ChanceLevel Of(double figure, IReadOnlyList<double> random)
    {
        double[] sorted = [.. random.Order()];
        var n = sorted.Length;
        return new ChanceLevel(n, sorted.Average(), sorted[((95 * n) + 99) / 100 - 1], (sorted.Count(value => value >= figure - Rounding) + 1.0) / (n + 1));
    }
}
