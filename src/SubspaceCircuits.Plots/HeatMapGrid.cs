using ScottPlot;
using SkiaSharp;

namespace SubspaceCircuits.Plots;

/// <summary>One small heat map of a grid.</summary>
/// <param name="Title">Stands above it.</param>
/// <param name="Values">[row, column], not negative; what is not finite stays empty.</param>
public sealed record HeatMapTile(string Title, double[,] Values);

/// <summary>Many small heat maps in rows and columns, with one colour scale from 0 to 1.</summary>
public static class HeatMapGrid
{
    private const int LargestSide = 3200, LargestTile = 220, Gap = 10, Margin = 16, TitleHeight = 20, HeaderHeight = 40, SmallestTitled = 40, ScaleWidth = 130;

    /// <summary>
    /// Saves the grid as a PNG of at most 3200 pixels a side. Where a tile has fewer pixels than entries, a pixel shows the greatest entry
    /// that falls on it, so that thin lines stay visible.
    /// </summary>
    /// <param name="path">File to write; its folder is made when it is not there.</param>
    /// <param name="rows">Tiles row by row; rows may differ in length.</param>
    /// <param name="title">Stands above all, beside the scale of colours; the picture is as wide as it needs.</param>
    /// <exception cref="ArgumentException">There is no tile.</exception>
    public static void SavePng(string path, IReadOnlyList<IReadOnlyList<HeatMapTile>> rows, string title)
    {
        var columns = rows.Count == 0 ? 0 : rows.Max(row => row.Count);
        if (columns == 0)
            throw new ArgumentException("A grid of heat maps needs at least one.");
        var fitting = Math.Min((LargestSide - 2 * Margin) / columns, (LargestSide - 2 * Margin - HeaderHeight) / rows.Count);
        var isTitled = fitting >= SmallestTitled + TitleHeight + Gap;
        var (gap, titleHeight) = (Math.Min(Gap, fitting / 8), isTitled ? TitleHeight : 0);
        var tile = Math.Clamp(fitting - gap - titleHeight, 1, LargestTile);
        var (width, height) = (2 * Margin + columns * (tile + gap), 2 * Margin + HeaderHeight + rows.Count * (tile + gap + titleHeight));

        using var bitmap = new SKBitmap(Math.Min(LargestSide, Math.Max(width, 3 * Margin + ScaleWidth + 9 * title.Length)), Math.Min(LargestSide, height));
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(SKColors.White);
            Text(canvas, title, Margin, Margin + 12, bitmap.Width - 3 * Margin - ScaleWidth, 15);
            Scale(canvas, bitmap.Width - Margin - ScaleWidth, Margin + 6);
            for (var row = 0; row < rows.Count; row++)
            {
                for (var column = 0; column < rows[row].Count; column++)
                {
                    var (x, y) = (Margin + column * (tile + gap), Margin + HeaderHeight + row * (tile + gap + titleHeight));
                    if (isTitled)
                        Text(canvas, rows[row][column].Title, x, y + titleHeight / 2, tile, 12);
                    Draw(canvas, rows[row][column].Values, SKRect.Create(x, y + titleHeight, tile, tile), tile);
                }
            }
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, png.ToArray());
    }

    /// <summary>Values shrunk to at most so many rows and columns; every entry is the greatest of those that fall on it.</summary>
    internal static double[,] Shrink(double[,] values, int largest)
    {
        var (height, width) = (values.GetLength(0), values.GetLength(1));
        var shrunk = new double[Math.Min(height, largest), Math.Min(width, largest)];
        for (var row = 0; row < height; row++)
        {
            for (var column = 0; column < width; column++)
            {
                ref var entry = ref shrunk[row * shrunk.GetLength(0) / height, column * shrunk.GetLength(1) / width];
                entry = Math.Max(entry, values[row, column]);
            }
        }

        return shrunk;
    }

    private static void Draw(SKCanvas canvas, double[,] values, SKRect place, int largest)
    {
        var colours = new ScottPlot.Colormaps.Viridis();
        var shrunk = Shrink(values, largest);
        var (rows, columns) = (shrunk.GetLength(0), shrunk.GetLength(1));
        using var picture = new SKBitmap(columns, rows);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                picture.SetPixel(column, row, double.IsFinite(shrunk[row, column]) ? colours.GetColor(Math.Clamp(shrunk[row, column], 0, 1)).ToSKColor() : SKColors.White);
        }

        using var image = SKImage.FromBitmap(picture);
        canvas.DrawImage(image, place, new SKSamplingOptions(SKFilterMode.Nearest));
    }

    /// <summary>The colours from 0 to 1.</summary>
    private static void Scale(SKCanvas canvas, int x, int y)
    {
        const int Steps = 64;
        var ramp = new double[1, Steps];
        for (var i = 0; i < Steps; i++)
            ramp[0, i] = i / (Steps - 1.0);
        Text(canvas, "0", x, y + 6, 12, 12);
        Draw(canvas, ramp, SKRect.Create(x + 14, y, ScaleWidth - 28, 12), Steps);
        Text(canvas, "1", x + ScaleWidth - 10, y + 6, 12, 12);
    }

    /// <summary>One line of text, cut to a width, its middle at a height.</summary>
    private static void Text(SKCanvas canvas, string text, int x, int y, int width, float size)
    {
        var style = new LabelStyle { Text = text, FontSize = size, Alignment = Alignment.MiddleLeft, ForeColor = Colors.Black };
        using var paint = Paint.NewDisposablePaint();
        canvas.Save();
        canvas.ClipRect(SKRect.Create(x, y - 20, width, 40));
        style.Render(canvas, new Pixel(x, y), paint);
        canvas.Restore();
    }
}
