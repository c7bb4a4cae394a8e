using SubspaceCircuits.Cli.Bench.PartitionSpeed;
using SubspaceCircuits.Plots;

namespace SubspaceCircuits.Tests;

public sealed class PowerFitTests
{
    [Theory]
    [InlineData(2.0)]
    [InlineData(-0.5)]
    [InlineData(0.0)]
    public void Exponent_of_a_power_law_is_found(double exponent)
    {
        var points = ((double[])[1, 3, 10, 40]).Select(x => (x, 7 * Math.Pow(x, exponent))).ToArray();

        Assert.Equal(exponent, PowerFit.Exponent(points), 1e-12);
    }

    [Fact]
    public void Exponent_is_the_least_squares_slope_of_the_logarithms()
    {
        // Logarithms (0, 0), (1, 2), (2, 1): slope 1/2.
        (double, double)[] points = [(1, 1), (Math.E, Math.Exp(2)), (Math.Exp(2), Math.E)];

        Assert.Equal(0.5, PowerFit.Exponent(points), 1e-12);
    }

    [Fact]
    public void Points_that_fix_no_exponent_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PowerFit.Exponent([(1, 1), (1, 2)]));
        Assert.Throws<ArgumentException>(() => PowerFit.Exponent([(1, 1), (2, 0)]));
        Assert.Throws<ArgumentException>(() => PowerFit.Exponent([]));
    }

    [Fact]
    public void Power_plot_is_a_png_and_an_svg()
    {
        using var folder = new TemporaryFolder();

        PowerPlot.Save(folder["plot"], [new PowerSeries("keys", [(16, 2), (1600, 0.02)])], "x", "y", "title");

        Assert.Equal([0x89, 0x50, 0x4e, 0x47], File.ReadAllBytes(folder["plot.png"])[..4]);
        Assert.Equal("svg", System.Xml.Linq.XDocument.Load(folder["plot.svg"]).Root!.Name.LocalName);
        Assert.Throws<ArgumentException>(() => PowerPlot.Save(folder["plot"], [new PowerSeries("keys", [(0, 2)])], "x", "y", "title"));
    }
}
