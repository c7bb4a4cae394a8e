using ScottPlot;

namespace SubspaceCircuits.Plots;

/// <summary>Bars of a colour in a <see cref="BarPlot"/>.</summary>
/// <param name="Name">Stands in the legend.</param>
/// <param name="Values">One for each group; not a number where there is none.</param>
public sealed record BarSeries(string Name, IReadOnlyList<double> Values);

/// <summary>Groups of bars side by side.</summary>
public static class BarPlot
{
    private const int Height = 420, MarginPixels = 160, GroupPixels = 56, LeastWidth = 480;
    private const double GroupWidth = 0.8;

    /// <summary>Saves the plot as <c>PATH.png</c> and <c>PATH.svg</c>.</summary>
    /// <param name="path">Path without ending; its folder is made when it is not there.</param>
    /// <param name="groups">Names of the groups, from left to right.</param>
    /// <param name="series">One bar of each in every group.</param>
    /// <param name="y">Label of the vertical axis.</param>
    /// <param name="title">Title.</param>
    /// <exception cref="ArgumentException">A series has not one value for each group.</exception>
    public static void Save(string path, IReadOnlyList<string> groups, IReadOnlyList<BarSeries> series, string y, string title)
    {
        if (series.Any(one => one.Values.Count != groups.Count))
            throw new ArgumentException($"Every series of a bar plot needs {groups.Count} values, one for each group.");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using var plot = new Plot();
        var width = GroupWidth / series.Count;
        foreach (var (index, one) in series.Index())
        {
            var bars = one.Values.Select((value, group) => new Bar { Position = group + (index - (series.Count - 1) / 2.0) * width, Value = value, Size = width }).Where(bar => double.IsFinite(bar.Value));
            var added = plot.Add.Bars(bars.ToArray());
            added.LegendText = one.Name;
            added.Color = plot.Add.Palette.GetColor(index);
        }

        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. groups.Select((name, group) => new Tick(group, name))]);
        plot.Axes.Bottom.TickLabelStyle.Rotation = 45;
        plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.UpperLeft;
        plot.Axes.Bottom.MinimumSize = 80;
        plot.Axes.Left.Label.Text = y;
        plot.Axes.Margins(bottom: 0);
        plot.Title(title, 14);
        plot.ShowLegend(Edge.Right);
        var pixels = Math.Max(LeastWidth, MarginPixels + GroupPixels * groups.Count);
        plot.SavePng(path + ".png", pixels, Height);
        plot.SaveSvg(path + ".svg", pixels, Height);
    }
}
