using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SubspaceCircuits.Runs.Tests;

/// <summary>What is in a page that was written.</summary>
internal static partial class Pages
{
    /// <summary>The document that it shows.</summary>
    public static JsonNode Data(string page) => JsonNode.Parse(Island().Match(page).Groups[1].Value)!;

    /// <summary>Nothing in it is loaded from anywhere, and its place for data is filled.</summary>
    public static void RequireSelfContained(string page)
    {
        Assert.DoesNotContain("__REPORT_DATA__", page, StringComparison.Ordinal);
        Assert.DoesNotContain(Reference().Matches(page), match => !match.Value.Contains('#', StringComparison.Ordinal));
        Assert.All(Address().Matches(page), match => Assert.Equal("http://www.w3.org/2000/svg", match.Value));
    }

    [GeneratedRegex("""<script type="application/json" id="report-data">(.*?)</script>""", RegexOptions.Singleline)]
    private static partial Regex Island();

    [GeneratedRegex("""(?:src|href)\s*=\s*["'][^"']*["']|url\([^)]*\)|@import[^;]*""")]
    private static partial Regex Reference();

    [GeneratedRegex("""https?://[^"'`\s<>)]*""")]
    private static partial Regex Address();
}
