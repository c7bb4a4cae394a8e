namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>How a statistic lies to its values under chance.</summary>
/// <param name="Observed">The statistic.</param>
/// <param name="Mean">Mean of the draws.</param>
/// <param name="StandardDeviation">Standard deviation of the draws.</param>
/// <param name="Z">Distance from the mean in standard deviations; 0 where the draws are all equal.</param>
/// <param name="Above">Probability of so much or more, <c>(1 + draws that reach it)/(1 + draws)</c>: never 0 (Phipson and Smyth 2010).</param>
/// <param name="Below">Probability of so little or less.</param>
public sealed record EmpiricalScore(double Observed, double Mean, double StandardDeviation, double Z, double Above, double Below)
{
    /// <summary>Score of a statistic.</summary>
    /// <param name="observed">The statistic.</param>
    /// <param name="draws">Its values under chance, at least two.</param>
    /// <exception cref="ArgumentException">There are fewer than two draws.</exception>
    public static EmpiricalScore Of(double observed, IReadOnlyList<double> draws)
    {
        if (draws.Count < 2)
            throw new ArgumentException($"A standard deviation needs at least 2 draws, but there are {draws.Count}.");
        var mean = draws.Average();
        var deviation = Math.Sqrt(draws.Sum(draw => (draw - mean) * (draw - mean)) / (draws.Count - 1));
        double Probability(Func<double, bool> isReached) => (1.0 + draws.Count(isReached)) / (1 + draws.Count);
        return new EmpiricalScore(observed, mean, deviation, deviation > 0 ? (observed - mean) / deviation : 0, Probability(draw => draw >= observed), Probability(draw => draw <= observed));
    }
}
