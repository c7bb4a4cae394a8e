using static TorchSharp.torch;

namespace SubspaceCircuits.Runs;

/// <summary>
/// One thread while a small model or a partition of it is trained: its operations are too short to be shared. The former number comes back
/// when this is disposed.
/// </summary>
public sealed class SmallModelThreads : IDisposable
{
    private const int LargestDModel = 128;
    private readonly int _before = get_num_threads();

    private SmallModelThreads()
    {
    }

    /// <summary>One thread for a small model, no change for others.</summary>
    public static SmallModelThreads For(int dModel)
    {
        var threads = new SmallModelThreads();
        if (dModel <= LargestDModel)
            set_num_threads(1);
        return threads;
    }

    /// <inheritdoc/>
    public void Dispose() => set_num_threads(_before);
}
