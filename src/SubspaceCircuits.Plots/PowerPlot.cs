using ScottPlot;

namespace SubspaceCircuits.Plots;

/// <summary>A line of a <see cref="PowerPlot"/>.</summary>
/// <param name="Name">Stands in the legend.</param>
/// <param name="Points">Positive numbers.</param>
public sealed record PowerSeries(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Lines with markers on logarithmic axes, where a power law is straight.</summary>
public static class PowerPlot
{
    private const int Width = 900, Height = 600;

    /// <summary>Saves the plot as <c>PATH.png</c> and <c>PATH.svg</c>.</summary>
    /// <param name="path">Path without ending; its folder is made when it is not there.</param>
    /// <param name="series">Lines.</param>
    /// <param name="x">Label of the horizontal axis.</param>
    /// <param name="y">Label of the vertical axis.</param>
    /// <param name="title">Title.</param>
    /// <exception cref="ArgumentException">A number is not positive.</exception>
    public static void Save(string path, IReadOnlyList<PowerSeries> series, string x, string y, string title)
    {
        if (series.Any(line => line.Points.Any(point => !(point.X > 0) || !(point.Y > 0))))
            throw new ArgumentException("Logarithmic axes take positive numbers only.");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using var plot = new Plot();
        foreach (var line in series)
        {
            var scatter = plot.Add.Scatter(line.Points.Select(point => Math.Log10(point.X)).ToArray(), line.Points.Select(point => Math.Log10(point.Y)).ToArray());
            scatter.LegendText = line.Name;
            scatter.MarkerSize = 8;
        }

        plot.Axes.Bottom.TickGenerator = Ticks();
        plot.Axes.Left.TickGenerator = Ticks();
        plot.Axes.Bottom.Label.Text = x;
        plot.Axes.Left.Label.Text = y;
        plot.Title(title, 14);
        plot.ShowLegend(Alignment.LowerLeft);
        plot.SavePng(path + ".png", Width, Height);
        plot.SaveSvg(path + ".svg", Width, Height);
    }

    /// <summary>Powers of ten, named as they are.</summary>
    private static ScottPlot.TickGenerators.NumericAutomatic Ticks() => new()
    {
        LabelFormatter = exponent => $"{Math.Pow(10, exponent):g3}",
        IntegerTicksOnly = true,
        MinorTickGenerator = new ScottPlot.TickGenerators.LogMinorTickGenerator(),
    };
}
