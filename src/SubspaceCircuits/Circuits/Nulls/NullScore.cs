namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>How an energy lies to what chance alone would give.</summary>
/// <param name="Mean">Mean under chance.</param>
/// <param name="StandardDeviation">Standard deviation under chance.</param>
/// <param name="Z">Distance from the mean in standard deviations; 0 where chance leaves no freedom, as for a subspace that is the whole space.</param>
/// <param name="P">
/// Probability of so much or more by chance, from the Gamma distribution with this mean and deviation: energies are positive and skewed. In draws of blocks of 1 to 24 of 48
/// dimensions, of maps of rank 1 to 48, it is right within a fifth at .05, a factor of 1.6 at .01, 4 at .001 and 10 at .0001: too small for low ranks, too large where
/// the subspace is much of the space. Far below that it orders, it does not measure.
/// </param>
public sealed record NullScore(double Mean, double StandardDeviation, double Z, double P)
{
    // A variance below this share of the mean squared is rounding.
    private const double Rounding = 1e-12;

    /// <summary>Score of one energy.</summary>
    public static NullScore Of(double energy, NullMoments chance)
    {
        var (mean, deviation) = (chance.Mean, Math.Sqrt(Math.Max(0, chance.Variance)));
        return chance.Variance > Rounding * mean * mean && mean > 0
            ? new NullScore(mean, deviation, (energy - mean) / deviation, GammaTail.AtLeast(mean, chance.Variance, energy))
            : new NullScore(mean, 0, 0, 1);
    }

    /// <summary>Scores of a table of energies.</summary>
    /// <param name="energy">[subspace, subspace]</param>
    /// <param name="chance">Of the same pair.</param>
    internal static NullScore[,] Of(double[,] energy, Func<int, int, NullMoments> chance)
    {
        var scores = new NullScore[energy.GetLength(0), energy.GetLength(1)];
        for (var i = 0; i < scores.GetLength(0); i++)
        {
            for (var k = 0; k < scores.GetLength(1); k++)
                scores[i, k] = Of(energy[i, k], chance(i, k));
        }

        return scores;
    }
}
