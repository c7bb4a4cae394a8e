using ScottPlot;

namespace SubspaceCircuits.Plots;

/// <summary>A line of a <see cref="LinePlot"/>.</summary>
/// <param name="Name">Stands in the legend.</param>
/// <param name="Points">Points from left to right.</param>
/// <param name="IsDashed">Whether it is dashed.</param>
public sealed record LineSeries(string Name, IReadOnlyList<(double X, double Y)> Points, bool IsDashed = false);

/// <summary>Lines with markers over named places.</summary>
public static class LinePlot
{
    private const int Width = 820, Height = 480;

    /// <summary>Saves the plot as <c>PATH.png</c> and <c>PATH.svg</c>.</summary>
    /// <param name="path">Path without ending; its folder is made when it is not there.</param>
    /// <param name="series">Lines.</param>
    /// <param name="ticks">Places on the horizontal axis and their names.</param>
    /// <param name="level">A value at which a horizontal line is drawn, and its name.</param>
    /// <param name="x">Label of the horizontal axis.</param>
    /// <param name="y">Label of the vertical axis.</param>
    /// <param name="title">Title.</param>
    public static void Save(string path, IReadOnlyList<LineSeries> series, IReadOnlyList<(double X, string Name)> ticks, (double Y, string Name) level, string x, string y, string title)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using var plot = new Plot();
        foreach (var line in series)
        {
            var scatter = plot.Add.Scatter(line.Points.Select(point => point.X).ToArray(), line.Points.Select(point => point.Y).ToArray());
            scatter.LegendText = line.Name;
            scatter.MarkerSize = 8;
            scatter.LinePattern = line.IsDashed ? LinePattern.Dashed : LinePattern.Solid;
        }

        var horizontal = plot.Add.HorizontalLine(level.Y, 1, Colors.Gray, LinePattern.Dotted);
        horizontal.LegendText = level.Name;
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. ticks.Select(tick => new Tick(tick.X, tick.Name))]);
        plot.Axes.Bottom.Label.Text = x;
        plot.Axes.Left.Label.Text = y;
        plot.Title(title, 14);
        plot.ShowLegend(Alignment.UpperLeft);
        plot.SavePng(path + ".png", Width, Height);
        plot.SaveSvg(path + ".svg", Width, Height);
    }
}
