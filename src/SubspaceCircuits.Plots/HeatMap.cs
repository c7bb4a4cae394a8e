using ScottPlot;

namespace SubspaceCircuits.Plots;

/// <summary>A matrix as coloured cells.</summary>
public static class HeatMap
{
    private const int CellPixels = 34, MarginPixels = 220, LargestSide = 1600, LabelPixels = 15;

    /// <summary>Saves a heat map as <c>PATH.png</c> and <c>PATH.svg</c>; the first row is on top. Cells that are not finite stay empty; of many rows or columns only every second, fifth, … is named.</summary>
    /// <param name="path">Path without ending; its folder is made when it is not there.</param>
    /// <param name="values">[row, column]</param>
    /// <param name="rows">Names of the rows.</param>
    /// <param name="columns">Names of the columns.</param>
    /// <param name="title">Title.</param>
    /// <exception cref="ArgumentException">Names and matrix differ in number.</exception>
    public static void Save(string path, double[,] values, IReadOnlyList<string> rows, IReadOnlyList<string> columns, string title)
    {
        if (values.GetLength(0) != rows.Count || values.GetLength(1) != columns.Count)
            throw new ArgumentException($"A heat map of {values.GetLength(0)} x {values.GetLength(1)} cells needs as many names, but has {rows.Count} and {columns.Count}.");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using var plot = new Plot();
        var map = plot.Add.Heatmap(values);
        map.Colormap = new ScottPlot.Colormaps.Viridis();
        map.NaNCellColor = Colors.White;
        plot.Add.ColorBar(map);
        plot.Title(title, 14);
        var width = Math.Min(LargestSide, Math.Max(9 * title.Length + 80, MarginPixels + CellPixels * columns.Count + 8 * rows.Max(name => name.Length)));
        var height = Math.Min(LargestSide, MarginPixels + CellPixels * Math.Max(rows.Count, 6));
        plot.Axes.Bottom.TickGenerator = Ticks(columns, Step(columns.Count, width - MarginPixels), index => index);
        plot.Axes.Left.TickGenerator = Ticks(rows, Step(rows.Count, height - MarginPixels), index => rows.Count - 1 - index);
        plot.Axes.Bottom.TickLabelStyle.Rotation = 90;
        plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.MiddleLeft;
        plot.Axes.Bottom.MinimumSize = 20 + 8 * columns.Max(name => name.Length);
        plot.Axes.SetLimits(-0.5, columns.Count - 0.5, -0.5, rows.Count - 0.5);
        plot.HideGrid();

        plot.SavePng(path + ".png", width, height);
        plot.SaveSvg(path + ".svg", width, height);
    }

    /// <summary>From one named cell to the next, so that names do not overlap: 1, 2, 5, 10, …</summary>
    internal static int Step(int count, int pixels)
    {
        var least = (double)LabelPixels * count / Math.Max(1, pixels);
        for (var decade = 1; ; decade *= 10)
        {
            foreach (var step in (int[])[decade, 2 * decade, 5 * decade])
            {
                if (step >= least)
                    return step;
            }
        }
    }

    private static ScottPlot.TickGenerators.NumericManual Ticks(IReadOnlyList<string> names, int step, Func<int, double> place)
    {
        var ticks = new ScottPlot.TickGenerators.NumericManual();
        for (var index = 0; index < names.Count; index += step)
            ticks.AddMajor(place(index), names[index]);
        return ticks;
    }
}
