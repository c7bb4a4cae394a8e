namespace SubspaceCircuits.Tasks.Published;

/// <summary>What the tasks over strings of "0" and "1" share.</summary>
internal static class Bits
{
    public static Vocabulary Vocabulary() => Tasks.Vocabulary.WithSpecials(["0", "1"]);

    /// <summary>A string with so many ones, at uniformly random places.</summary>
    public static int[] Draw(int length, int ones, Random random)
    {
        var bits = new int[length];
        Array.Fill(bits, 1, 0, ones);
        random.Shuffle(bits);
        return bits;
    }

    /// <summary>A string whose number of zeros is uniform among those that are not half of it, and the bit of which it has more.</summary>
    public static (int[] Bits, int Majority) DrawUntied(int length, Random random)
    {
        int zeros;
        do
            zeros = random.Next(length + 1);
        while (2 * zeros == length);
        return (Draw(length, length - zeros, random), 2 * zeros > length ? 0 : 1);
    }
}
