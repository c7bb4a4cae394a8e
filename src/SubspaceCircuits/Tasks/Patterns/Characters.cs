namespace SubspaceCircuits.Tasks.Patterns;

/// <summary>The alphabet of the pattern tasks.</summary>
internal static class Characters
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /// <summary>How many there are.</summary>
    public static int Count => Alphabet.Length;

    /// <summary>The first of them, followed by the special tokens.</summary>
    public static Vocabulary Vocabulary(int count) => Tasks.Vocabulary.WithSpecials(Alphabet[..count].Select(character => $"{character}"));
}
