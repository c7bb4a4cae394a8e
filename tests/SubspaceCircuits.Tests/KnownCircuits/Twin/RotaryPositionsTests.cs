using SubspaceCircuits.KnownCircuits.Twin;

namespace SubspaceCircuits.Tests.KnownCircuits.Twin;

public class RotaryPositionsTests
{
    [Theory]
    [InlineData(0, 2.837)]
    [InlineData(1, 1.625)]
    public void Previous_position_leads_by_the_margin_in_the_documentation(int head, double margin)
    {
        var frequencies = RotaryPositions.Frequencies[head];
        double Score(int offset) => frequencies.Sum(frequency => Math.Cos(2 * Math.PI * frequency * offset / 66));

        var greatest = Enumerable.Range(-1, 33).Where(offset => offset != 0).Max(Score); // −1 is the query itself

        Assert.Equal(margin, frequencies.Count - greatest, 1e-3);
    }

    [Fact]
    public void Codes_have_length_1_and_differ()
    {
        using var scope = NewDisposeScope();

        var codes = RotaryPositions.Codes(31);
        var products = codes.matmul(codes.T);

        Assert.InRange((products.diagonal() - 1).abs().max().item<double>(), 0, 1e-12);
        Assert.InRange((products - eye(31, dtype: float64)).max().item<double>(), 0, .4);
    }
}
