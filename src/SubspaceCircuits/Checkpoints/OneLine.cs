using System.Text;

namespace SubspaceCircuits.Checkpoints;

/// <summary>Text for error messages: names that come from a file may hold line breaks or be a megabyte long.</summary>
internal static class OneLine
{
    private const int MaxLength = 120;

    /// <summary>A name in quotes, control characters replaced, cut to a readable length.</summary>
    public static string Quote(string name) => $"'{Clean(name)}'";

    /// <summary>The text without control characters, cut to a readable length.</summary>
    public static string Clean(string text)
    {
        var line = new StringBuilder();
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, MaxLength)))
        {
            var isPlain = !char.IsControl(character) && !char.IsSurrogate(character) && character is not ('\u2028' or '\u2029');
            line.Append(isPlain ? character : '?');
        }
        return text.Length > MaxLength ? line.Append("...").ToString() : line.ToString();
    }

    /// <summary>A shape as PyTorch prints it; -1 is printed as "any".</summary>
    public static string Shape(ReadOnlySpan<long> shape)
    {
        var sizes = new List<string>();
        foreach (var size in shape)
        {
            sizes.Add(size == -1 ? "any" : size.ToString());
        }
        return $"[{string.Join(", ", sizes)}]";
    }
}
