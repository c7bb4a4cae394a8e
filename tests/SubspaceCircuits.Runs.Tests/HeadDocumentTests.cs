using System.Text.Json;
using SubspaceCircuits.Attention;

namespace SubspaceCircuits.Runs.Tests;

public sealed class HeadDocumentTests
{
    [Fact]
    public void Scores_are_fields_and_come_back()
    {
        var document = Document();

        var text = JsonSerializer.Serialize(document, Json.Compact);
        var read = JsonSerializer.Deserialize<HeadDocument>(text, Json.Compact)!;

        Assert.StartsWith("{\"head\":\"a0.1\",\"layer\":0,\"previous_token\":0.5,", text, StringComparison.Ordinal);
        Assert.Contains("\"ngram_match\":null", text, StringComparison.Ordinal);
        Assert.Equal((document.Head, document.Layer), (read.Head, read.Layer));
        Assert.Equal(document.Scores, read.Scores);
        Assert.Equal(document.Shuffled, read.Shuffled);
        Assert.Equal(document.Uniform, read.Uniform);
    }

    [Theory]
    [InlineData("\"layer\"", "\"stratum\"")]
    [InlineData("\"induction\"", "\"inductoin\"")]
    [InlineData("\"shuffled\"", "\"shuffle\"")]
    [InlineData("\"layer\":0", "\"layer\":\"a\"")]
    public void A_field_that_is_not_known_is_refused(string field, string wrong)
    {
        var text = JsonSerializer.Serialize(Document(), Json.Compact).Replace(field, wrong, StringComparison.Ordinal);

        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<HeadDocument>(text, Json.Compact));
    }

    private static HeadDocument Document()
    {
        Dictionary<string, double> Scores(double value) => HeadScore.All.ToDictionary(score => score.Name, score => score.Name == "ngram_match" ? double.NaN : value);
        return new("a0.1", 0, Scores(0.5), Scores(0.25), Scores(0.125));
    }
}
