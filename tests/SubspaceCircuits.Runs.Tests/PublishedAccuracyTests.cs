using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Tests;

public class PublishedAccuracyTests
{
    private static readonly PublishedAccuracy[] Expected = [new(0, 50, 1), new(51, 100, 0.24), new(101, 150, 0)];

    // The forms that published files have: tabs, other fields with and without colon, spaces, no space after the colon, lines of their own.
    [Theory]
    [InlineData("1l4h256d3lr01drop\t\t early stop 0.5\t\t eval_len0-50_acc: 1.0\t\teval_len51-100_acc: 0.24\t\teval_len101-150_acc: 0.0\n")]
    [InlineData("2l1h64d3lr01drop\t\tepoch:0.036\t\tstep:1100\t\t eval_len0-50_acc: 1.0\t\teval_len51-100_acc: 0.24\t\teval_len101-150_acc: 0.0")]
    [InlineData("1l4h256d3lr01drop                eval_len0-50_acc: 1.0          eval_len51-100_acc: 0.24              eval_len101-150_acc: 0.0")]
    [InlineData("eval_len0-50_acc:1\neval_len51-100_acc\t:\t2.4e-1\r\neval_len101-150_acc: 0.")]
    public void Accuracies_are_found_among_other_fields(string text) => Assert.Equal(Expected, PublishedAccuracy.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("1l1h16d3lr00drop eval_len0-50_acc: n/a")]
    [InlineData("eval_len50_acc: 0.5")]
    [InlineData("eval_len99999999999-50_acc: 0.5")]
    public void Text_without_accuracies_has_none(string text) => Assert.Empty(PublishedAccuracy.Parse(text));

    [Fact]
    public void Missing_or_empty_file_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();

        Assert.Contains("there is none", Refused.Line("acc.txt", () => PublishedAccuracy.Read(folder.Root)), StringComparison.Ordinal);
        folder.Write("acc.txt", "nothing here");
        Assert.Contains("found none", Refused.Line("acc.txt", () => PublishedAccuracy.Read(folder.Root)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1.0, 0.02)]
    [InlineData(0.95, 0.02)]
    [InlineData(0.9499, 0.04)]
    [InlineData(0.0501, 0.04)]
    [InlineData(0.05, 0.02)]
    [InlineData(0.0, 0.02)]
    public void Tolerance_is_narrow_near_none_and_all(double value, double tolerance) => Assert.Equal(tolerance, new PublishedAccuracy(0, 50, value).Tolerance);
}
