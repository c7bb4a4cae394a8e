namespace SubspaceCircuits.Tasks;

/// <summary>Drawing without replacement.</summary>
internal static class Permutations
{
    /// <summary>A uniformly random sequence of distinct numbers below <paramref name="count"/> (Fisher-Yates, stopped early).</summary>
    /// <exception cref="ArgumentOutOfRangeException">More numbers are wanted than there are.</exception>
    public static int[] Draw(int count, int length, Random random)
    {
        if (length < 0 || length > count)
            throw new ArgumentOutOfRangeException(nameof(length), $"A string of distinct tokens can have 0 to {count} of them, but {length} were asked for.");
        var numbers = Enumerable.Range(0, count).ToArray();
        for (var i = 0; i < length; i++)
        {
            var j = random.Next(i, count);
            (numbers[i], numbers[j]) = (numbers[j], numbers[i]);
        }

        return numbers[..length];
    }
}
