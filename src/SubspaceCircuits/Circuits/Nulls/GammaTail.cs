namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>Tail of the Gamma distribution.</summary>
public static class GammaTail
{
    private const double Precision = 1e-15;

    // Lanczos' approximation of log Γ with g = 7 and nine terms (Godfrey 2001), to 1e-15.
    private static readonly double[] Lanczos = [0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7];

    /// <summary>
    /// <c>P(X ≥ x)</c> for a Gamma variable with the given mean and variance, <c>Q(mean²/variance, x · mean/variance)</c>; 0 where it is below the smallest double.
    /// By the series of the lower part or the continued fraction of the upper part (Numerical Recipes, 6.2).
    /// </summary>
    /// <param name="mean">Positive.</param>
    /// <param name="variance">Positive.</param>
    /// <param name="x">Any.</param>
    public static double AtLeast(double mean, double variance, double x) => x <= 0 ? 1 : UpperRegularized(mean / variance * mean, x / variance * mean);

    private static double UpperRegularized(double shape, double x)
    {
        var scale = Math.Exp(shape * Math.Log(x) - x - LogGamma(shape));
        return x < shape + 1 ? 1 - scale * LowerSeries(shape, x) : scale * UpperFraction(shape, x);
    }

    private static double LowerSeries(double shape, double x)
    {
        var (term, sum) = (1 / shape, 1 / shape);
        for (var n = 1; term > sum * Precision; n++)
        {
            term *= x / (shape + n);
            sum += term;
        }

        return sum;
    }

    private static double UpperFraction(double shape, double x)
    {
        // Lentz's method for 1/(x + 1 − a − 1(1 − a)/(x + 3 − a − …)); no denominator vanishes for x > a + 1.
        var b = x + 1 - shape;
        var (c, d) = (double.MaxValue, 1 / b);
        var (value, change) = (d, 0.0);
        for (var n = 1; Math.Abs(change - 1) > Precision && n < 1_000_000; n++)
        {
            var a = -n * (n - shape);
            b += 2;
            d = 1 / (a * d + b);
            c = b + a / c;
            change = c * d;
            value *= change;
        }

        return value;
    }

    private static double LogGamma(double x)
    {
        if (x < 0.5)
            return Math.Log(Math.PI / Math.Sin(Math.PI * x)) - LogGamma(1 - x);
        var sum = Lanczos[0];
        for (var n = 1; n < Lanczos.Length; n++)
            sum += Lanczos[n] / (x - 1 + n);
        var t = x + 6.5;
        return 0.5 * Math.Log(2 * Math.PI) + (x - 0.5) * Math.Log(t) - t + Math.Log(sum);
    }
}
