namespace SubspaceCircuits.Tasks.Languages;

/// <summary>Dividing a length into parts.</summary>
internal static class Cuts
{
    /// <summary>
    /// Parts that add up to a total: each uniform from nothing to what is left, the last takes the rest, then all are shuffled.
    /// </summary>
    public static int[] Draw(int total, int parts, Random random)
    {
        var sizes = new int[parts];
        for (var part = 0; part < parts; part++)
        {
            sizes[part] = part + 1 < parts ? random.Next(total + 1) : total;
            total -= sizes[part];
        }

        random.Shuffle(sizes);
        return sizes;
    }
}
