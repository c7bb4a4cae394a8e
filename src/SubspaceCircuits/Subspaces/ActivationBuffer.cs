using SubspaceCircuits.Activations;

namespace SubspaceCircuits.Subspaces;

/// <summary>
/// The buffer of the published method: blocks of shuffled activations in a row. Queries are taken from the leftmost block, which
/// leaves the row; keys are the blocks that follow and stay. So a query never meets itself, and the window of keys slides on
/// by one block whenever a block of queries is used up. Owns its blocks and disposes them.
/// </summary>
public sealed class ActivationBuffer : IDisposable
{
    private readonly IActivationSource _source;
    private readonly int _blockLength;
    private readonly int _refillBlocks;
    private readonly LinkedList<Tensor> _blocks = [];
    private Tensor? _queries;

    /// <summary>An empty buffer; it fills itself when asked.</summary>
    /// <param name="source">Where activations come from.</param>
    /// <param name="blockLength">Activations in a block.</param>
    /// <param name="refillBlocks">Blocks added at each refill.</param>
    public ActivationBuffer(IActivationSource source, int blockLength, int refillBlocks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(refillBlocks, 1);
        (_source, _blockLength, _refillBlocks) = (source, blockLength, refillBlocks);
    }

    /// <summary>Takes queries out of the leftmost block; a block that is used up is followed by the next one.</summary>
    /// <returns>[query, d_model], in storage type, owned by the caller's scope.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The batch is not between 1 and the length of a block.</exception>
    public Tensor TakeQueries(int batchSize)
    {
        using var scope = NewDisposeScope();
        var first = Advance(batchSize);
        return Queries.narrow(0, first, batchSize).clone().MoveToOuterDisposeScope();
    }

    /// <summary>Counts the blocks that queries were taken from; 0 before the first.</summary>
    public long QueryBlock { get; private set; }

    /// <summary>Row of the present block of queries that comes next.</summary>
    public int NextQuery { get; private set; }

    /// <summary>Rows of the present block of queries, taken already or not, in storage type; still the buffer's. [row, d_model]</summary>
    /// <exception cref="InvalidOperationException">No queries were taken yet.</exception>
    public Tensor Queries => _queries ?? throw new InvalidOperationException("No queries were taken from this buffer yet.");

    /// <summary>Brings a fresh buffer to where another over the same activations was.</summary>
    /// <exception cref="ArgumentException">This one is farther already.</exception>
    public void MoveTo(long queryBlock, int nextQuery)
    {
        if (queryBlock < QueryBlock || nextQuery < 0 || nextQuery > _blockLength)
            throw new ArgumentException($"The buffer is at block {QueryBlock} of queries and cannot go to row {nextQuery} of block {queryBlock}.");
        while (QueryBlock < queryBlock)
            TakeBlock();
        NextQuery = nextQuery;
    }

    /// <summary>The first blocks of keys, from the left; the buffer refills itself when it has fewer. They stay in the buffer.</summary>
    /// <returns>Blocks [key, d_model], in storage type; still the buffer's.</returns>
    public IEnumerable<Tensor> Keys(int blocks)
    {
        EnsureBlocks(blocks);
        return _blocks.Take(blocks);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queries?.Dispose();
        foreach (var block in _blocks)
            block.Dispose();
        _blocks.Clear();
    }

    /// <summary>Takes queries without copying them.</summary>
    /// <returns>Their first row in <see cref="Queries"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The batch is not between 1 and the length of a block.</exception>
    internal int Advance(int batchSize)
    {
        if (batchSize < 1 || batchSize > _blockLength)
            throw new ArgumentOutOfRangeException(nameof(batchSize), $"A batch should have 1 to {_blockLength} queries (the length of a block), but {batchSize} were asked for.");
        if (_queries is null || _queries.shape[0] - NextQuery < batchSize)
            TakeBlock();
        NextQuery += batchSize;
        return NextQuery - batchSize;
    }

    private void TakeBlock()
    {
        EnsureBlocks(1);
        _queries?.Dispose();
        _queries = _blocks.First!.Value;
        _blocks.RemoveFirst();
        QueryBlock++;
        NextQuery = 0;
    }

    private void EnsureBlocks(int blocks)
    {
        while (_blocks.Count < blocks)
        {
            using var scope = NewDisposeScope();
            var rows = _source.Next(_blockLength * _refillBlocks); // [row, d_model]
            for (var block = 0; block < _refillBlocks; block++)
                _blocks.AddLast(rows.narrow(0, (long)block * _blockLength, _blockLength).clone().DetachFromDisposeScope());
        }
    }
}
