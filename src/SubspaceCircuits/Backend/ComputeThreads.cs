namespace SubspaceCircuits.Backend;

/// <summary>How many threads libtorch, and what computes beside it, uses.</summary>
/// <remarks>
/// A program's first call into libtorch should come through this library, whose initialiser finds libtorch (<see cref="NativeLibraries"/>); a call to
/// <c>torch.set_num_threads</c> before anything else would not.
/// </remarks>
public static class ComputeThreads
{
    /// <summary>Sets the number, for the whole process.</summary>
    /// <param name="count">At least 1.</param>
    public static void Use(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        set_num_threads(count);
    }

    /// <summary>A number that was asked for, or libtorch's where it is 0.</summary>
    public static int Or(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return count > 0 ? count : Math.Max(1, get_num_threads());
    }
}
