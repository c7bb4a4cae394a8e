using SubspaceCircuits.Models;
using static TorchSharp.torch;

namespace SubspaceCircuits.Runs;

/// <summary>
/// One thread while a partition of a small model is trained: its operations are too short to be shared. The former number comes back
/// when this is disposed.
/// </summary>
internal sealed class SmallModelThreads : IDisposable
{
    private const int LargestDModel = 128;
    private readonly int _before = get_num_threads();

    private SmallModelThreads()
    {
    }

    /// <summary>One thread for a small model, no change for others.</summary>
    public static SmallModelThreads For(ModelConfig config)
    {
        var threads = new SmallModelThreads();
        if (config.DModel <= LargestDModel)
            set_num_threads(1);
        return threads;
    }

    /// <inheritdoc/>
    public void Dispose() => set_num_threads(_before);
}
