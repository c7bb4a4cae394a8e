using SubspaceCircuits.Circuits;
using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests;

public sealed class JsonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private sealed record Sample(string FirstName, double MeanDistance, EdgeKind Kind, IReadOnlyList<int>? MaybeSizes);

    private const string Valid = """{ "first_name": "a", "mean_distance": 1.5, "kind": "passthrough", "maybe_sizes": [1] }""";

    [Fact]
    public void Write_uses_snake_case_and_names_of_enums()
    {
        Json.Write(_folder["a.json"], new Sample("x", 0.25, EdgeKind.Qk, null));

        Assert.Equal("""{"first_name":"x","mean_distance":0.25,"kind":"qk","maybe_sizes":null}""",
            string.Concat(File.ReadAllText(_folder["a.json"]).Where(character => !char.IsWhiteSpace(character))));
    }

    [Fact]
    public void Read_gives_back_what_was_written()
    {
        var document = Json.Read<Sample>(_folder.Write("a.json", Valid));

        Assert.Equal(("a", 1.5, EdgeKind.Passthrough), (document.FirstName, document.MeanDistance, document.Kind));
        Assert.Equal([1], document.MaybeSizes!);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Number_that_is_not_finite_is_null_and_comes_back_as_NaN(double value)
    {
        Json.Write(_folder["a.json"], new Sample("x", value, EdgeKind.Ov, []));

        Assert.Contains("\"mean_distance\": null", File.ReadAllText(_folder["a.json"]), StringComparison.Ordinal);
        Assert.Equal(double.NaN, Json.Read<Sample>(_folder["a.json"]).MeanDistance);
    }

    [Theory]
    [InlineData("unknown field", """{ "first_name": "a", "mean_distance": 1, "kind": "qk", "maybe_sizes": null, "colour": 1 }""")]
    [InlineData("missing field", """{ "first_name": "a", "mean_distance": 1, "kind": "qk" }""")]
    [InlineData("null that must be text", """{ "first_name": null, "mean_distance": 1, "kind": "qk", "maybe_sizes": null }""")]
    [InlineData("unknown kind", """{ "first_name": "a", "mean_distance": 1, "kind": "qkv", "maybe_sizes": null }""")]
    [InlineData("kind as a number", """{ "first_name": "a", "mean_distance": 1, "kind": 77, "maybe_sizes": null }""")]
    [InlineData("text for a number", """{ "first_name": "a", "mean_distance": "1", "kind": "qk", "maybe_sizes": null }""")]
    [InlineData("camel case", """{ "firstName": "a", "mean_distance": 1, "kind": "qk", "maybe_sizes": null }""")]
    [InlineData("cut short", """{ "first_name": "a", """)]
    [InlineData("null", "null")]
    [InlineData("an array", "[]")]
    [InlineData("nothing", "")]
    [InlineData("no JSON", "PK\u0003\u0004")]
    public void Read_refuses_in_one_line_that_names_the_file(string what, string content)
    {
        var path = _folder.Write("a.json", content);

        var line = Refused.Line(path, () => Json.Read<Sample>(path));

        Assert.True(line.Length < 400, $"{what}: {line}");
    }

    [Fact]
    public void Read_names_the_unknown_field()
    {
        var path = _folder.Write("a.json", Valid.Replace("maybe_sizes", "sizes_maybe", StringComparison.Ordinal));

        Assert.Contains("sizes_maybe", Refused.Line(path, () => Json.Read<Sample>(path)), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_refuses_a_file_that_is_not_there()
    {
        Refused.Line(_folder["none.json"], () => Json.Read<Sample>(_folder["none.json"]));
        Refused.Line(_folder["none", "none.json"], () => Json.Read<Sample>(_folder["none", "none.json"]));
    }

    [Fact]
    public void Same_compares_content_not_objects()
    {
        Sample one = new("a", double.NaN, EdgeKind.Qk, [1, 2]), other = one with { MaybeSizes = [1, 2] };

        Assert.NotEqual(one, other);
        Assert.True(Json.Same(one, other));
        Assert.False(Json.Same(one, other with { MaybeSizes = [2, 1] }));
    }
}
