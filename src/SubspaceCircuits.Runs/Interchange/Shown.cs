using System.Globalization;
using System.Text;

namespace SubspaceCircuits.Runs.Interchange;

/// <summary>Names and labels from files of others, as a terminal may show them.</summary>
public static class Shown
{
    /// <summary>The text without characters that steer a terminal or turn its direction, cut to a length.</summary>
    public static string Text(string text, int most = 80)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= most)
                return shown.Append('…').ToString();
            shown.Append(Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? "\uFFFD" : rune.ToString());
        }

        return shown.ToString();
    }
}
