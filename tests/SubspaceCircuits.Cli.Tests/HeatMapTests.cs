using System.Buffers.Binary;
using System.Xml.Linq;
using SubspaceCircuits.Plots;

namespace SubspaceCircuits.Tests;

public sealed class HeatMapTests
{
    [Fact]
    public void Picture_is_a_png_of_some_size_and_a_well_formed_svg()
    {
        using var folder = new TemporaryFolder();

        HeatMap.Save(folder["deeper", "map"], new double[,] { { 0, 1, double.NaN }, { 2, 3, 4 } }, ["a", "b"], ["x", "y", "z"], "title");

        var png = File.ReadAllBytes(folder["deeper", "map.png"]);
        Assert.Equal([0x89, 0x50, 0x4e, 0x47], png[..4]);
        Assert.InRange(BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), 200, 1600);
        Assert.Equal("svg", XDocument.Load(folder["deeper", "map.svg"]).Root!.Name.LocalName);
    }

    [Fact]
    public void Names_that_do_not_fit_the_matrix_are_refused()
    {
        using var folder = new TemporaryFolder();

        Assert.Throws<ArgumentException>(() => HeatMap.Save(folder["map"], new double[2, 2], ["a"], ["x", "y"], ""));
    }
}
