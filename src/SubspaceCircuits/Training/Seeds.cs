namespace SubspaceCircuits.Training;

/// <summary>
/// Seeds of the parts of a training. Every step has its own, made from the training's seed and the step's number, so that a training that was
/// stopped goes on with the same samples and masks without any generator's state being stored.
/// </summary>
internal static class Seeds
{
    public const int Validation = 1, Steps = 2, DataSet = 3, Epochs = 4, Dropout = 5;

    /// <summary>A seed for a part and a number within it (the finaliser of SplitMix64), not negative.</summary>
    public static int Of(int seed, int part, int number = 0)
    {
        var x = unchecked(((ulong)(uint)seed << 32 | (uint)number) + (ulong)part * 0x9E3779B97F4A7C15UL);
        x = unchecked((x ^ x >> 30) * 0xBF58476D1CE4E5B9UL);
        x = unchecked((x ^ x >> 27) * 0x94D049BB133111EBUL);
        return (int)((x ^ x >> 31) & int.MaxValue);
    }
}
