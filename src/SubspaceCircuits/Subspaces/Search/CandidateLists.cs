using System.Runtime.CompilerServices;
using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>
/// For each of many searches the keys with the greatest scores so far. A list takes twice as many as it keeps and then drops the worse half,
/// which raises its bar: what does not exceed the bar need not be offered. Owns its memory and frees it.
/// </summary>
/// <remarks>A score and a key are one number, score first, smaller keys before greater: the greatest number is the best.</remarks>
internal sealed unsafe class CandidateLists : IDisposable
{
    private readonly AlignedBuffer<ulong> _entries = new();
    private readonly AlignedBuffer<int> _counts = new();
    private readonly AlignedBuffer<ulong> _bars = new();
    private int _capacity;

    /// <summary>How many each list keeps.</summary>
    public int Kept { get; private set; }

    /// <summary>Bytes that lists take.</summary>
    public static long Bytes(long lists, int kept) => lists * (2L * kept * sizeof(ulong) + sizeof(int) + sizeof(ulong));

    /// <summary>Empties all lists.</summary>
    public void Reset(int lists, int kept)
    {
        (Kept, _capacity) = (kept, 2 * kept);
        _entries.Ensure((long)lists * _capacity);
        _counts.Ensure(lists);
        _bars.Ensure(lists);
        new Span<int>(_counts.Pointer, lists).Clear();
        new Span<ulong>(_bars.Pointer, lists).Clear();
    }

    /// <summary>A score as bits whose order, without sign, is that of the numbers.</summary>
    public static uint Order(float score)
    {
        var bits = BitConverter.SingleToUInt32Bits(score);
        return (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
    }

    /// <inheritdoc cref="Order(float)"/>
    public static uint Order(int score) => (uint)score ^ 0x80000000;

    public static float FloatScore(ulong entry)
    {
        var bits = (uint)(entry >> 32);
        return BitConverter.UInt32BitsToSingle((bits & 0x80000000) != 0 ? bits & 0x7fffffff : ~bits);
    }

    public static int IntScore(ulong entry) => (int)((uint)(entry >> 32) ^ 0x80000000);

    public static int Key(ulong entry) => (int)~(uint)entry;

    /// <summary>Adds a key.</summary>
    /// <returns>Whether the bar may have risen.</returns>
    public bool Add(int list, uint order, int key)
    {
        var count = _counts.Pointer[list];
        _entries.Pointer[(long)list * _capacity + count] = ((ulong)order << 32) | ~(uint)key;
        _counts.Pointer[list] = ++count;
        if (count < _capacity)
            return false;
        Halve(list);
        return true;
    }

    /// <summary>What an entry must exceed to be among the best; 0 as long as anything is.</summary>
    public ulong Bar(int list) => _bars.Pointer[list];

    /// <summary>Sorts a list, best first, and drops what is beyond the number kept.</summary>
    public void Sort(int list)
    {
        var entries = this[list];
        entries.Sort();
        entries.Reverse();
        _counts.Pointer[list] = Math.Min(Kept, entries.Length);
    }

    /// <summary>A list. When it is sorted and full, no key that is not on it has a greater entry than its last.</summary>
    public Span<ulong> this[int list] => new(_entries.Pointer + (long)list * _capacity, _counts.Pointer[list]);

    /// <summary>Adds the lists of another search over other keys.</summary>
    public void Merge(CandidateLists other, int list)
    {
        foreach (var entry in other[list])
            Add(list, (uint)(entry >> 32), Key(entry));
    }

    public void Dispose()
    {
        _entries.Dispose();
        _counts.Dispose();
        _bars.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Halve(int list)
    {
        var entries = new Span<ulong>(_entries.Pointer + (long)list * _capacity, _capacity);
        Select(entries, Kept);
        var worst = ulong.MaxValue;
        foreach (var entry in entries[..Kept])
            worst = Math.Min(worst, entry);
        _bars.Pointer[list] = worst;
        _counts.Pointer[list] = Kept;
    }

    /// <summary>Brings the greatest <paramref name="kept"/> entries to the front (quickselect, Hoare 1961). Entries differ, since keys do.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Select(Span<ulong> entries, int kept)
    {
        int low = 0, high = entries.Length - 1;
        while (low < high)
        {
            var pivot = Median(entries[low], entries[(low + high) / 2], entries[high]);
            int left = low, right = high;
            while (left <= right)
            {
                while (entries[left] > pivot)
                    left++;
                while (entries[right] < pivot)
                    right--;
                if (left > right)
                    break;
                (entries[left], entries[right]) = (entries[right], entries[left]);
                left++;
                right--;
            }

            if (kept <= right)
                high = right;
            else if (kept >= left)
                low = left;
            else
                return;
        }
    }

    private static ulong Median(ulong a, ulong b, ulong c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
