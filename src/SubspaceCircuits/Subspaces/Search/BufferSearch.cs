using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>Takes batches of queries out of a buffer and finds their nearest keys in it. Owns the engine and frees it; the buffer stays the caller's.</summary>
internal sealed unsafe class BufferSearch(ActivationBuffer buffer, EngineSettings settings) : IDisposable
{
    private readonly KeyWindow _window = new();
    private SearchEngine? _engine;
    private readonly AlignedBuffer<float> _batch = new(), _rotation = new();
    private (Tensor Tensor, StoredRows Rows)? _queries;

    /// <summary>The keys of the last search.</summary>
    public KeyWindow Window => _window;

    /// <summary>The queries of the last search, less the center. [query, d_model]</summary>
    public float* Batch => _batch.Pointer;

    public SearchStatistics Statistics => _engine?.Statistics ?? new();

    /// <inheritdoc cref="Next(float*, IReadOnlyList{int}, int, int, CancellationToken)"/>
    public Neighbors Next(Tensor rotation, IReadOnlyList<int> sizes, int batchSize, int keyBlocks, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var values = rotation.detach().cpu().to(float32).contiguous().data<float>();
        _rotation.Ensure(rotation.numel());
        values.ToArray().CopyTo(_rotation.Span);
        return Next(_rotation.Pointer, sizes, batchSize, keyBlocks, cancellation);
    }

    /// <summary>Takes a batch and searches the blocks of keys that follow.</summary>
    /// <param name="rotation">R. [d_model, d_model]</param>
    /// <param name="sizes">Columns of each subspace.</param>
    /// <param name="batchSize">Queries.</param>
    /// <param name="keyBlocks">Blocks of keys.</param>
    /// <param name="cancellation">Checked between tiles.</param>
    public Neighbors Next(float* rotation, IReadOnlyList<int> sizes, int batchSize, int keyBlocks, CancellationToken cancellation)
    {
        var first = buffer.Advance(batchSize);
        _window.Set([.. buffer.Keys(keyBlocks)]);
        if (_queries is null || !ReferenceEquals(_queries.Value.Tensor, buffer.Queries))
            _queries = (buffer.Queries, new StoredRows(buffer.Queries));
        var (rows, d, center) = (_queries.Value.Rows, Window.DModel, Window.Center);
        int Load(int row, int most, float* target)
        {
            var count = Math.Min(most, rows.Count - row);
            rows.Load(row, count, target, d, center.Pointer);
            return count;
        }

        var place = new QueryPlace(buffer.QueryBlock, first, batchSize);
        Load(place.Row, batchSize, _batch.Ensure((long)batchSize * d));
        _engine ??= new SearchEngine(settings, _window);
        return _engine.Find(rotation, sizes, place, Load, _batch.Pointer, cancellation);
    }

    public void Dispose()
    {
        _engine?.Dispose();
        _window.Dispose();
        _batch.Dispose();
        _rotation.Dispose();
    }
}
