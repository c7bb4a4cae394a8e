using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>A query of a batch and a key that may be its nearest.</summary>
internal readonly record struct Pair(int Query, int Key);

/// <summary>Distances of given pairs in one subspace, from differences of coordinates.</summary>
internal interface IRecheck : IDisposable
{
    /// <summary>Rotates a batch of queries into one subspace.</summary>
    /// <param name="rotation">R, [d_model, d_model].</param>
    /// <param name="first">First column of the subspace.</param>
    /// <param name="size">Its columns.</param>
    /// <param name="queries">[count, d_model]</param>
    /// <param name="count">Queries.</param>
    /// <param name="dModel">d_model.</param>
    unsafe void Begin(float* rotation, int first, int size, float* queries, int count, int dModel);

    /// <summary>Coordinates of a query. [size]</summary>
    unsafe float* Query(int query);

    /// <summary>Calculates squared distances.</summary>
    /// <param name="window">The keys.</param>
    /// <param name="pairs">Pairs.</param>
    /// <param name="squared">Of every pair.</param>
    void SquaredDistances(KeyWindow window, ReadOnlySpan<Pair> pairs, Span<float> squared);

    /// <summary>Improves on the nearest keys of the batch by given pairs: the least distance wins, on ties the first key.</summary>
    /// <param name="window">The keys.</param>
    /// <param name="pairs">Pairs.</param>
    /// <param name="best">Squared distances. [query]</param>
    /// <param name="keys">Their keys. [query]</param>
    void Improve(KeyWindow window, ReadOnlySpan<Pair> pairs, Span<float> best, Span<int> keys)
    {
        var squared = new float[pairs.Length];
        SquaredDistances(window, pairs, squared);
        for (var i = 0; i < squared.Length; i++)
        {
            var (query, key) = pairs[i];
            if (squared[i] < best[query] || (squared[i] == best[query] && key < keys[query]))
                (best[query], keys[query]) = (squared[i], key);
        }
    }
}

/// <inheritdoc cref="IRecheck"/>
internal sealed unsafe class Recheck<TLanes, TVector> : IRecheck
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private const int Tile = 96;

    /// <summary>How many rows before it is read a row is asked for.</summary>
    private const int Ahead = 4;

    private readonly AlignedBuffer<float> _packed = new(), _queries = new(), _rows = new(), _rotated = new();
    private int _size, _width, _d;

    public void Begin(float* rotation, int first, int size, float* queries, int count, int dModel)
    {
        (_size, _d, _width) = (size, dModel, PackedProduct<TLanes, TVector>.Padded(size));
        PackedProduct<TLanes, TVector>.Pack(rotation + first, dModel, 1, dModel, size, _packed.Ensure((long)_width * dModel));
        _rows.Ensure((long)Tile * dModel);
        _rotated.Ensure((long)Tile * _width);
        PackedProduct<TLanes, TVector>.MultiplyAny(queries, dModel, count, _packed.Pointer, dModel, _queries.Ensure((long)PackedProduct<TLanes, TVector>.PaddedRows(count) * _width), _width, size);
    }

    public float* Query(int query) => _queries.Pointer + (nint)query * _width;

    public void SquaredDistances(KeyWindow window, ReadOnlySpan<Pair> pairs, Span<float> squared)
    {
        for (var first = 0; first < pairs.Length; first += Tile)
        {
            var count = Math.Min(Tile, pairs.Length - first);
            for (var i = 0; i < count; i++)
            {
                if (first + i + Ahead < pairs.Length)
                    window.Prefetch(pairs[first + i + Ahead].Key);
                window.Load(pairs[first + i].Key, _rows.Pointer + (nint)i * _d);
            }

            PackedProduct<TLanes, TVector>.Multiply(_rows.Pointer, _d, PackedProduct<TLanes, TVector>.PaddedRows(count), _packed.Pointer, _d, _rotated.Pointer, _width, _size);
            for (var i = 0; i < count; i++)
                squared[first + i] = Row.SquaredDistance(_rotated.Pointer + (nint)i * _width, Query(pairs[first + i].Query), _size);
        }
    }

    public void Dispose()
    {
        foreach (var buffer in new[] { _packed, _queries, _rows, _rotated })
            buffer.Dispose();
    }
}
