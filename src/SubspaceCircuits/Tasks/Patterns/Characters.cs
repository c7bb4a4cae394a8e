namespace SubspaceCircuits.Tasks.Patterns;

/// <summary>What the pattern tasks share: their alphabet, and the two ways to train on a first repetition.</summary>
internal static class Characters
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /// <summary>How many there are.</summary>
    public static int Count => Alphabet.Length;

    /// <summary>The first of them, followed by the special tokens.</summary>
    public static Vocabulary Vocabulary(int count) => Tasks.Vocabulary.WithSpecials(Alphabet[..count].Select(character => $"{character}"));

    /// <summary>Refuses patterns of distinct characters that are longer than the alphabet.</summary>
    public static void RequireDistinct(int characters, int longest)
    {
        if (longest > characters)
            throw new ArgumentException($"A pattern of {longest} distinct characters needs as many, but there are {characters}. Raise characters or lower longest.");
    }

    /// <summary>A sequence scored from an index on, and trained there only or, without a mask, on every token.</summary>
    public static TaskSample Sample(int[] tokens, int firstScored, bool isMasked)
    {
        var sample = TaskSample.PredictFrom(tokens, firstScored);
        return isMasked ? sample : sample with { LossTargets = TaskSample.NextTokens(tokens, 1) };
    }
}
