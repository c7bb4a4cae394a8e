using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>The blocks that are searched now. A key's index counts through the searched rows of all of them. Owns the center and frees it.</summary>
/// <param name="isDistinct">Whether of equal rows only the first is searched.</param>
internal sealed unsafe class KeyWindow(bool isDistinct = true) : IDisposable
{
    private readonly AlignedBuffer<float> _center = new();
    private KeyBlock[] _blocks = [];
    private int[] _starts = [];
    private HeavyKeys? _heavy;

    /// <summary>Subtracted from all activations: the mean of the first block that was ever seen. [d_model]</summary>
    public AlignedBuffer<float> Center => _center;

    public IReadOnlyList<KeyBlock> Blocks => _blocks;

    /// <summary>The few keys that lie far from the center.</summary>
    public HeavyKeys Heavy => _heavy ??= new HeavyKeys(this);

    /// <summary>Counts changes of the window.</summary>
    public int Version { get; private set; }

    public int Count { get; private set; }

    public int DModel { get; private set; }

    /// <summary>Takes the blocks; those that were here before are not read again.</summary>
    /// <exception cref="ArgumentException">None, or not all of one width, or not finite.</exception>
    public void Set(IReadOnlyList<Tensor> blocks)
    {
        if (blocks.Count == _blocks.Length && blocks.Zip(_blocks, (tensor, block) => ReferenceEquals(tensor, block.Tensor)).All(isSame => isSame))
            return;
        if (blocks.Count == 0 || blocks.Any(block => block.dim() != 2 || block.shape[0] == 0 || block.shape[1] != blocks[0].shape[1]))
            throw new ArgumentException("A search needs at least one block of keys, each with rows and all of the same width.");
        if (DModel != blocks[0].shape[1])
            CenterAt(new StoredRows(blocks[0]).Mean());

        var known = _blocks;
        _blocks = [.. blocks.Select(tensor => Array.Find(known, block => ReferenceEquals(block.Tensor, tensor)) ?? new KeyBlock(tensor, _center, isDistinct))];
        foreach (var block in known.Except(_blocks))
            block.Dispose();
        _starts = new int[_blocks.Length];
        Count = 0;
        for (var i = 0; i < _blocks.Length; i++)
        {
            _starts[i] = Count;
            Count = checked(Count + _blocks[i].Rows.Count);
        }

        _heavy?.Dispose();
        _heavy = null;
        Version++;
    }

    /// <summary>Fixes the center, as to go on with the same bytes as another.</summary>
    public void CenterAt(float[] center)
    {
        DModel = center.Length;
        center.CopyTo(_center.Ensured(DModel));
    }

    /// <summary>Reads a key less the center.</summary>
    public void Load(int key, float* target)
    {
        var block = BlockOf(key);
        _blocks[block].Load(key - _starts[block], target);
    }

    /// <summary>Asks for a key's memory before it is read.</summary>
    public void Prefetch(int key)
    {
        var block = BlockOf(key);
        _blocks[block].Prefetch(key - _starts[block]);
    }

    public float Norm(int key)
    {
        var block = BlockOf(key);
        return _blocks[block].Norms[key - _starts[block]];
    }

    /// <summary>The key's index among all rows of the blocks, equal ones counted.</summary>
    public int Original(int key)
    {
        var block = BlockOf(key);
        return _blocks[..block].Sum(before => before.Total) + _blocks[block].Original(key - _starts[block]);
    }

    public void Dispose()
    {
        foreach (var block in _blocks)
            block.Dispose();
        _heavy?.Dispose();
        _center.Dispose();
    }

    private int BlockOf(int key)
    {
        var guess = Math.Min(key / _blocks[0].Rows.Count, _blocks.Length - 1); // right where all blocks are as long as the first
        while (key < _starts[guess])
            guess--;
        while (guess + 1 < _blocks.Length && key >= _starts[guess + 1])
            guess++;
        return guess;
    }
}
