using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>
/// What a scan found: for each group of four keys with a score above a bar the bits of the queries, and all scores of the group. A scan
/// writes them without a call, so that its sums stay in registers; they are read afterwards. Owns its memory and frees it.
/// </summary>
internal sealed unsafe class Hits(int groups, int panel) : IDisposable
{
    /// <summary>Keys in a group.</summary>
    public const int Keys = 4;

    private readonly AlignedBuffer<ulong> _masks = new((long)groups * (Keys + 1));
    private readonly AlignedBuffer<float> _scores = new((long)groups * Keys * panel);

    /// <summary>Of every hit the index of its group and the bits of its four keys. [hit, 5]</summary>
    public ulong* Masks => _masks.Pointer;

    /// <summary>[hit, 4, panel], float or integer bits.</summary>
    public float* Scores => _scores.Pointer;

    public void Dispose()
    {
        _masks.Dispose();
        _scores.Dispose();
    }
}
