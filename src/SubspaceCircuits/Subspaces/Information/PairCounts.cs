using System.Numerics;
using System.Runtime.CompilerServices;
using SubspaceCircuits.Backend.Vectors;
using SubspaceCircuits.Subspaces.Search;

namespace SubspaceCircuits.Subspaces.Information;

/// <summary>
/// For four queries and all pairs of subspaces ε and the counts of the estimator, in one pass over the keys. ε of a pair only falls on the way, so a
/// distance that is above all ε of its subspace so far counts for none in the end; the few others are kept and counted last. Owns its memory and frees it.
/// </summary>
internal sealed unsafe class PairCounts<TLanes, TVector> : IDisposable
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private const int Queries = TileDistances<TLanes, TVector>.Queries, Side = LeastMaxima<TLanes, TVector>.Side;

    /// <summary>Bytes of distances that are worked on at once; they stay in the second cache.</summary>
    private const int Working = 1 << 18;

    private readonly InformationKeys<TLanes, TVector> _keys;
    private readonly int[] _starts, _sizes;
    private readonly int _units, _blocks, _padded, _tilesAtOnce, _step;
    private readonly AlignedBuffer<float> _distances, _least, _epsilon, _counts;
    private readonly float[] _bounds;
    private readonly float[][] _kept;
    private readonly int[] _keptCounts;

    /// <param name="keys">The keys.</param>
    /// <param name="sizes">Columns of each subspace.</param>
    public PairCounts(InformationKeys<TLanes, TVector> keys, IReadOnlyList<int> sizes)
    {
        (_keys, _sizes, _units, _blocks) = (keys, [.. sizes], sizes.Count, (sizes.Count + Side - 1) / Side);
        _starts = SubspaceColumns.FirstsOf(sizes);
        _padded = (_units + TLanes.Width - 1) / TLanes.Width * TLanes.Width;
        _tilesAtOnce = Math.Max(1, Working / (Queries * _blocks * Side * Tile * sizeof(float)));
        _step = _tilesAtOnce * Tile;
        _distances = new((long)Queries * _blocks * Side * _step);
        _distances.Span.Fill(float.PositiveInfinity); // what fills up the last four subspaces
        _least = new((long)Queries * _blocks * (_blocks + 1) / 2 * Side * Side * TLanes.Width);
        (_epsilon, _counts) = (new((long)_units * _padded), new((long)_units * _padded));
        _bounds = new float[Queries * _units];
        _kept = [.. Enumerable.Range(0, Queries * _units).Select(_ => new float[256])];
        _keptCounts = new int[Queries * _units];
    }

    /// <summary>n_a of every pair and query. [query, unit a, unit b], of which the diagonal means nothing.</summary>
    /// <param name="queries">Rotated and scaled; space must be there for four. [Queries, d_model]</param>
    /// <param name="given">Queries that count, at most four.</param>
    /// <param name="result">[given, unit a, unit b]</param>
    public void Of(float* queries, int given, Span<int> result)
    {
        _least.Span.Fill(float.PositiveInfinity);
        Array.Clear(_keptCounts);
        for (var first = 0; first < _keys.Tiles; first += _tilesAtOnce)
        {
            var tiles = Math.Min(_tilesAtOnce, _keys.Tiles - first);
            for (var unit = 0; unit < _units; unit++)
            {
                for (var tile = 0; tile < tiles; tile++)
                {
                    TileDistances<TLanes, TVector>.Of(queries + _starts[unit], _keys.DModel, _keys[first + tile] + (nint)_starts[unit] * Tile, _sizes[unit],
                        _distances.Pointer + (nint)unit * _step + tile * Tile, (nint)_blocks * Side * _step);
                }
            }

            for (var query = 0; query < given; query++)
            {
                Lower(query, tiles * Tile);
                Bounds(query);
                for (var unit = 0; unit < _units; unit++)
                    Keep(query, unit, tiles * Tile);
            }
        }

        for (var query = 0; query < given; query++)
        {
            Epsilons(query);
            for (var unit = 0; unit < _units; unit++)
            {
                Count(query, unit);
                for (var other = 0; other < _units; other++)
                    result[(query * _units + unit) * _units + other] = BitConverter.SingleToInt32Bits(_counts.Pointer[(nint)unit * _padded + other]);
            }
        }
    }

    public void Dispose()
    {
        foreach (var buffer in new[] { _distances, _least, _epsilon, _counts })
            buffer.Dispose();
    }

    private static int Tile => InformationKeys<TLanes, TVector>.Tile;

    private float* DistancesOf(int query, int unit) => _distances.Pointer + ((nint)query * _blocks * Side + unit) * _step;

    /// <summary>Least maxima of four by four subspaces, of which the first comes no later than the second. [Side, Side, lane]</summary>
    private float* LeastOf(int query, int block, int other) =>
        _least.Pointer + (((nint)query * _blocks * (_blocks + 1) / 2) + (nint)other * (other + 1) / 2 + block) * Side * Side * TLanes.Width;

    private void Lower(int query, int count)
    {
        for (var other = 0; other < _blocks; other++)
        {
            for (var block = 0; block <= other; block++)
                LeastMaxima<TLanes, TVector>.Lower(DistancesOf(query, block * Side), DistancesOf(query, other * Side), _step, count, LeastOf(query, block, other));
        }
    }

    private float Least(int query, int a, int b)
    {
        var (low, high) = (Math.Min(a, b), Math.Max(a, b));
        return TLanes.MinAcross(TLanes.Load(LeastOf(query, low / Side, high / Side) + (low % Side * Side + high % Side) * TLanes.Width));
    }

    /// <summary>For each subspace the greatest ε of its pairs so far.</summary>
    private void Bounds(int query)
    {
        var bounds = _bounds.AsSpan(query * _units, _units);
        bounds.Clear();
        for (var a = 0; a < _units; a++)
        {
            for (var b = a + 1; b < _units; b++)
            {
                var least = Least(query, a, b);
                (bounds[a], bounds[b]) = (Math.Max(bounds[a], least), Math.Max(bounds[b], least));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Keep(int query, int unit, int count)
    {
        var distances = DistancesOf(query, unit);
        var (list, bound) = (query * _units + unit, TLanes.Broadcast(_bounds[query * _units + unit]));
        var (kept, keptCount) = (_kept[list], _keptCounts[list]);
        if (keptCount + count > kept.Length)
        {
            Array.Resize(ref kept, Math.Max(keptCount + count, 2 * kept.Length));
            _kept[list] = kept;
        }

        for (var key = 0; key < count; key += TLanes.Width)
        {
            for (var mask = TLanes.Less(TLanes.Load(distances + key), bound); mask != 0; mask &= mask - 1)
                kept[keptCount++] = distances[key + BitOperations.TrailingZeroCount(mask)];
        }

        _keptCounts[list] = keptCount;
    }

    private void Epsilons(int query)
    {
        for (var a = 0; a < _units; a++)
        {
            for (var b = a + 1; b < _units; b++)
                _epsilon.Pointer[(nint)a * _padded + b] = _epsilon.Pointer[(nint)b * _padded + a] = Least(query, a, b);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Count(int query, int unit)
    {
        var (kept, count) = (_kept[query * _units + unit], _keptCounts[query * _units + unit]);
        fixed (float* distances = kept)
        {
            for (var other = 0; other < _padded; other += TLanes.Width)
            {
                var (counts, epsilon) = (TLanes.Zero, TLanes.Load(_epsilon.Pointer + (nint)unit * _padded + other));
                for (var i = 0; i < count; i++)
                    counts = TLanes.CountLess(counts, TLanes.Broadcast(distances[i]), epsilon);
                TLanes.Store(counts, _counts.Pointer + (nint)unit * _padded + other);
            }
        }
    }
}
