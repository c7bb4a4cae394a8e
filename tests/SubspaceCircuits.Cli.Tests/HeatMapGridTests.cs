using System.Buffers.Binary;
using SkiaSharp;
using SubspaceCircuits.Plots;

namespace SubspaceCircuits.Tests;

public sealed class HeatMapGridTests
{
    [Theory]
    [InlineData(1, 1, 3)]
    [InlineData(4, 8, 60)]
    [InlineData(48, 25, 20)]
    [InlineData(2, 400, 5)]
    public void Picture_is_a_png_of_bounded_size(int rows, int columns, int entries)
    {
        using var folder = new TemporaryFolder();
        var tiles = Enumerable.Range(0, rows).Select(row => (IReadOnlyList<HeatMapTile>)[.. Enumerable.Range(0, columns).Select(column => new HeatMapTile($"a{row}.{column}", new double[entries, entries]))]);

        HeatMapGrid.SavePng(folder["deeper", "grid.png"], [.. tiles], "title");

        var png = File.ReadAllBytes(folder["deeper", "grid.png"]);
        Assert.Equal([0x89, 0x50, 0x4e, 0x47], png[..4]);
        Assert.InRange(BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), 200, 3200);
        Assert.InRange(BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)), 72, 3200);
    }

    [Fact]
    public void Tile_shows_its_own_values_in_its_own_place()
    {
        using var folder = new TemporaryFolder();
        var one = new double[,] { { 1 } };

        HeatMapGrid.SavePng(folder["grid.png"], [[new("dark", new double[1, 1]), new("bright", one)], [new("bright", one)]], "");

        using var picture = SKBitmap.Decode(folder["grid.png"]);
        int Bright(int fromX, int toX, int fromY, int toY) => (from x in Enumerable.Range(fromX, toX - fromX) from y in Enumerable.Range(fromY, toY - fromY) where picture.GetPixel(x, y) is { Red: > 240, Green: > 220, Blue: < 60 } select 1).Count();
        var (middleX, middleY) = (picture.Width / 2, (picture.Height + 40) / 2);
        Assert.Equal(0, Bright(0, middleX, 56, middleY));
        Assert.InRange(Bright(middleX, picture.Width, 56, middleY), 200 * 200, 240 * 240);
        Assert.InRange(Bright(0, middleX, middleY, picture.Height), 200 * 200, 240 * 240);
        Assert.Equal(0, Bright(middleX, picture.Width, middleY, picture.Height));
    }

    [Fact]
    public void Shrunk_values_keep_the_greatest_so_that_a_diagonal_does_not_vanish()
    {
        var diagonal = new double[100, 100];
        for (var i = 0; i < 100; i++)
            diagonal[i, i] = 0.5;

        var shrunk = HeatMapGrid.Shrink(diagonal, 30);

        Assert.Equal((30, 30), (shrunk.GetLength(0), shrunk.GetLength(1)));
        Assert.All(Enumerable.Range(0, 30), i => Assert.Equal(0.5, shrunk[i, i]));
        Assert.Equal(30, shrunk.Cast<double>().Count(value => value > 0));
        Assert.Equal(diagonal, HeatMapGrid.Shrink(diagonal, 200));
    }

    [Fact]
    public void Grid_without_tiles_is_refused()
    {
        Assert.Throws<ArgumentException>(() => HeatMapGrid.SavePng("never.png", [], ""));
        Assert.Throws<ArgumentException>(() => HeatMapGrid.SavePng("never.png", [[]], ""));
    }

    [Theory]
    [InlineData(10, 340, 1)]
    [InlineData(92, 1380, 1)]
    [InlineData(200, 1380, 5)]
    [InlineData(1000, 1380, 20)]
    public void Names_are_as_dense_as_there_is_room(int count, int pixels, int step) => Assert.Equal(step, HeatMap.Step(count, pixels));
}
