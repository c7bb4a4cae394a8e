namespace SubspaceCircuits.Cli.Bench.PartitionSpeed;

/// <summary>The exponent of a power law.</summary>
internal static class PowerFit
{
    /// <summary>Slope of log y against log x by least squares: p of <c>y = c xᵖ</c>.</summary>
    /// <exception cref="ArgumentException">There are not two different places, or a number is not positive.</exception>
    public static double Exponent(IReadOnlyList<(double X, double Y)> points)
    {
        if (points.Any(point => !(point.X > 0) || !(point.Y > 0)) || points.Select(point => point.X).Distinct().Count() < 2)
            throw new ArgumentException("A power law needs positive numbers at two places at least.");
        double x = points.Average(point => Math.Log(point.X)), y = points.Average(point => Math.Log(point.Y));
        return points.Sum(point => (Math.Log(point.X) - x) * (Math.Log(point.Y) - y)) / points.Sum(point => Math.Pow(Math.Log(point.X) - x, 2));
    }
}
