using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SubspaceCircuits.Backend;
using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>
/// Nearest keys in subspaces of few dimensions. All keys are rotated and put into boxes, by which most are left out. That serves several steps: while
/// the rotation has moved by little since, the old coordinates tell which keys can be the nearest, and these few are compared under the present one.
/// </summary>
internal interface ITreeSearch : IDisposable
{
    /// <summary>Finds the nearest keys of a batch.</summary>
    /// <param name="window">The keys.</param>
    /// <param name="rotation">R, [d_model, d_model].</param>
    /// <param name="sizes">Columns of each subspace.</param>
    /// <param name="chosen">Subspaces to search.</param>
    /// <param name="queries">Less the center. [count, d_model]</param>
    /// <param name="count">Queries.</param>
    /// <param name="found">Filled for the chosen subspaces.</param>
    /// <param name="cancellation">Checked between tiles.</param>
    unsafe void Find(KeyWindow window, float* rotation, IReadOnlyList<int> sizes, IReadOnlyList<int> chosen, float* queries, int count, Neighbors found, CancellationToken cancellation);
}

/// <inheritdoc cref="ITreeSearch"/>
internal sealed unsafe class TreeSearch<TLanes, TVector>(int threads, long memoryBytes) : ITreeSearch
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private const int Tile = 96, PiecesOfThread = 16;

    /// <summary>Searches after which the order of the rows is taken anew.</summary>
    private const int Age = 256;

    /// <summary>Keys to compare for a query and subspace, beyond which boxes are taken anew.</summary>
    private const int MostCandidates = 3;

    /// <summary>How far rounding may move a coordinate, as a share of a key's distance from the center.</summary>
    private const float Rounding = 1e-6f;

    /// <summary>Steps for which boxes are taken anew every time, after they did not even serve a second step.</summary>
    private const int Pause = 32;

    private readonly AlignedBuffer<float> _columns = new(), _packed = new(), _queries = new();
    private readonly AlignedBuffer<float>[] _rows = [.. Enumerable.Range(0, threads).Select(_ => new AlignedBuffer<float>())];
    private readonly AlignedBuffer<float>[] _rotated = [.. Enumerable.Range(0, threads).Select(_ => new AlignedBuffer<float>())];
    private readonly AlignedBuffer<float>[] _bounds = [.. Enumerable.Range(0, threads).Select(_ => new AlignedBuffer<float>())];
    private readonly AlignedBuffer<float>[] _turned = [.. Enumerable.Range(0, threads).Select(_ => new AlignedBuffer<float>())];
    private readonly Dictionary<KeyBlock, Trees> _trees = [];
    private readonly AlignedBuffer<float> _fitted = new(), _heavyRows = new(), _heavyLoaded = new();
    private readonly IRecheck[] _rechecks = [.. Enumerable.Range(0, threads).Select(_ => new Recheck<TLanes, TVector>())];
    private int _version = -1, _age, _pause;
    private bool _isStale;
    private SubspaceColumns? _chosen;
    private int[] _sizes = [];

    public void Find(KeyWindow window, float* rotation, IReadOnlyList<int> sizes, IReadOnlyList<int> chosen, float* queries, int count, Neighbors found, CancellationToken cancellation)
    {
        if (_chosen is null || !chosen.SequenceEqual(_chosen.Chosen) || !sizes.SequenceEqual(_sizes))
        {
            Forget(_ => true);
            (_chosen, _sizes, _version) = (new SubspaceColumns(sizes, chosen, unit: 1), [.. sizes], -1);
        }

        var (columns, d) = (_chosen, window.DModel);
        var width = PackedProduct<TLanes, TVector>.Padded(columns.Count);
        columns.Gather(rotation, d, null, _columns);
        PackedProduct<TLanes, TVector>.Pack(_columns.Pointer, columns.Count, 1, d, columns.Count, _packed.Ensure((long)width * d));
        for (var thread = 0; thread < threads; thread++)
        {
            _rows[thread].Ensure((long)Tile * d);
            _rotated[thread].Ensure((long)Tile * width);
        }

        Rotate(queries, count, d, _queries, width);
        if (_version != window.Version || _isStale || _pause-- > 0)
            Fit(window, rotation, width, cancellation);
        else
            _age++;
        if (window.Heavy.Rows is { } heavy)
        {
            var loaded = _heavyLoaded.Ensure((long)heavy.Count * d);
            heavy.Load(0, heavy.Count, loaded, d, window.Center.Pointer);
            Rotate(loaded, heavy.Count, d, _heavyRows, width);
        }

        var compared = new long[threads];
        Parts.Each(threads, columns.Chosen.Length, (thread, s) => compared[thread] += Compare(window, rotation, columns, s, queries, count, width, found, thread));
        if (_age == 0)
            return;
        _isStale = compared.Sum() > MostCandidates * count * columns.Chosen.Length;
        _pause = _isStale && _age == 1 ? Pause : 0; // the rotation moves too fast for now
    }

    public void Dispose()
    {
        Forget(_ => true);
        foreach (var recheck in _rechecks)
            recheck.Dispose();
        foreach (var buffer in _rows.Concat(_rotated).Concat(_bounds).Concat(_turned).Concat([_columns, _packed, _queries, _fitted, _heavyRows, _heavyLoaded]))
            buffer.Dispose();
    }

    /// <summary>Puts all keys into boxes under this rotation.</summary>
    private void Fit(KeyWindow window, float* rotation, int width, CancellationToken cancellation)
    {
        Forget(block => !window.Blocks.Contains(block));
        KeepReady(window);
        foreach (var block in window.Blocks)
        {
            if (!_trees.TryGetValue(block, out var trees) || trees.Uses >= Age)
                Plant(block, window, width);
            _trees[block].Uses++;
        }

        _version = -1; // nothing fits when this is cancelled
        Place(window, width, cancellation);
        Parts.Each(threads, _chosen!.Chosen.Length, (_, s) =>
        {
            foreach (var block in window.Blocks)
                _trees[block].Boxes[s].Fit();
        });
        var d = window.DModel;
        new ReadOnlySpan<float>(rotation, d * d).CopyTo(_fitted.Ensured((long)d * d));
        (_version, _isStale, _age) = (window.Version, false, 0);
    }

    /// <summary>Compares the keys that can be the nearest, and the heavy ones, which move too much to tell.</summary>
    /// <returns>How many were compared.</returns>
    private long Compare(KeyWindow window, float* rotation, SubspaceColumns columns, int s, float* queries, int count, int width, Neighbors found, int thread)
    {
        var (first, size, d, heavy) = (columns.Sources[s], columns.Sizes[s], window.DModel, window.Heavy);
        var slack = (DriftBound.Of(rotation, _fitted.Pointer, d, first, size) + Rounding) * heavy.Bound;
        List<Pair> pairs = [];
        List<(int Key, float Squared)> near = [];
        for (var query = 0; query < count; query++)
        {
            near.Clear();
            var candidates = new NearCandidates(slack, near);
            var offset = 0;
            foreach (var block in window.Blocks)
            {
                var boxes = _trees[block].Boxes[s];
                boxes.Candidates(_queries.Pointer + (nint)query * width + columns.Starts[s], offset, _bounds[thread].Ensure(boxes.Groups), ref candidates);
                offset += block.Rows.Count;
            }

            candidates.Settle();
            foreach (var (key, _) in near)
                pairs.Add(new Pair(query, key));
        }

        var compared = pairs.Count;
        var recheck = _rechecks[thread];
        recheck.Begin(rotation, first, size, queries, count, d);
        var best = found.Distances.AsSpan(columns.Chosen[s] * count, count);
        var keys = found.Keys.AsSpan(columns.Chosen[s] * count, count);
        best.Fill(float.PositiveInfinity);
        keys.Fill(int.MaxValue);
        recheck.Improve(window, CollectionsMarshal.AsSpan(pairs), best, keys);
        CompareHeavy(heavy, recheck, _turned[thread], columns.Starts[s], size, width, best, keys);
        for (var query = 0; query < count; query++)
            best[query] = MathF.Sqrt(best[query]);
        return compared;
    }

    /// <summary>Compares every query with every heavy key.</summary>
    private void CompareHeavy(HeavyKeys heavy, IRecheck recheck, AlignedBuffer<float> space, int start, int size, int width, Span<float> best, Span<int> keys)
    {
        if (heavy.Keys.Length == 0)
            return;
        var padded = (best.Length + TLanes.Width - 1) / TLanes.Width * TLanes.Width;
        float* turned = space.Ensure((long)padded * (size + 1)), limits = turned + (nint)padded * size; // queries by dimension, [size, padded]
        for (var query = 0; query < best.Length; query++)
        {
            for (var i = 0; i < size; i++)
                turned[i * padded + query] = recheck.Query(query)[i];
            limits[query] = best[query] * (1 + 1e-5f); // sums differ by their order
        }

        for (var i = 0; i < heavy.Keys.Length; i++)
        {
            var x = _heavyRows.Pointer + (nint)i * width + start;
            var key = heavy.Keys[i];
            for (var first = 0; first < padded; first += TLanes.Width)
            {
                var sum = TLanes.Zero;
                for (var dimension = 0; dimension < size; dimension++)
                {
                    var difference = TLanes.Subtract(TLanes.Load(turned + dimension * padded + first), TLanes.Broadcast(x[dimension]));
                    sum = TLanes.MultiplyAdd(difference, difference, sum);
                }

                for (var mask = TLanes.LessOrEqual(sum, TLanes.Load(limits + first)); mask != 0; mask &= mask - 1)
                {
                    var query = first + BitOperations.TrailingZeroCount(mask);
                    if (query >= best.Length)
                        break;
                    var distance = Row.SquaredDistance(x, recheck.Query(query), size);
                    if (distance < best[query] || (distance == best[query] && key < keys[query]))
                        (best[query], keys[query]) = (distance, key);
                }
            }
        }
    }

    /// <summary>Keeps all rows ready when there is room.</summary>
    private void KeepReady(KeyWindow window)
    {
        if ((long)window.Count * window.DModel * sizeof(float) > memoryBytes)
            return;
        foreach (var block in window.Blocks)
            block.KeepReady();
    }

    /// <summary>Rotates rows. [count, d_model] to [count, width]</summary>
    private void Rotate(float* rows, int count, int d, AlignedBuffer<float> target, int width) =>
        PackedProduct<TLanes, TVector>.MultiplyAny(rows, d, count, _packed.Pointer, d, target.Ensure(PackedProduct<TLanes, TVector>.PaddedRows(count) * (long)width), width, _chosen!.Count);

    /// <summary>Orders the rows of a block anew in every subspace.</summary>
    private void Plant(KeyBlock block, KeyWindow window, int width)
    {
        if (_trees.Remove(block, out var old))
            old.Dispose();
        var columns = _chosen!;
        using var rotated = new AlignedBuffer<float>(((long)block.Rows.Count + Tile) * width);
        for (var row = 0; row < block.Rows.Count; row += Tile)
            Rotate(block, window, row, Math.Min(Tile, block.Rows.Count - row), _rows[0].Pointer, rotated.Pointer + (nint)row * width, width);
        var boxes = new TreeBoxes<TLanes, TVector>[columns.Chosen.Length];
        Parts.Each(threads, boxes.Length, (_, s) => boxes[s] = new(new BlockTree(rotated.Pointer + columns.Starts[s], width, block.Rows.Count, columns.Sizes[s]), columns.Sizes[s]));
        _trees[block] = new Trees(boxes);
    }

    private void Rotate(KeyBlock block, KeyWindow window, int row, int count, float* loaded, float* target, int width)
    {
        var d = window.DModel;
        if (block.Ready != null)
            loaded = block.Ready + (nint)row * d;
        else
            block.Rows.Load(row, count, loaded, d, window.Center.Pointer);
        PackedProduct<TLanes, TVector>.Multiply(loaded, d, PackedProduct<TLanes, TVector>.PaddedRows(count), _packed.Pointer, d, target, width, _chosen!.Count);
    }

    /// <summary>Rotates all keys and puts them in their places.</summary>
    private void Place(KeyWindow window, int width, CancellationToken cancellation)
    {
        var tiles = window.Blocks.Sum(block => (block.Rows.Count + Tile - 1) / Tile);
        var pieces = threads == 1 ? 1 : Math.Min(tiles, PiecesOfThread * threads);
        Parts.Each(threads, pieces, (thread, piece) => PlaceTiles(window, width, (int)((long)tiles * piece / pieces), (int)((long)tiles * (piece + 1) / pieces), thread, cancellation));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PlaceTiles(KeyWindow window, int width, int first, int end, int thread, CancellationToken cancellation)
    {
        var (starts, tile) = (_chosen!.Starts, 0);
        var rotated = _rotated[thread].Pointer;
        foreach (var block in window.Blocks)
        {
            var (rows, boxes) = (block.Rows.Count, _trees[block].Boxes);
            for (var row = 0; row < rows; row += Tile, tile++)
            {
                if (tile < first || tile >= end)
                    continue;
                cancellation.ThrowIfCancellationRequested();
                var count = Math.Min(Tile, rows - row);
                Rotate(block, window, row, count, _rows[thread].Pointer, rotated, width);
                for (var s = 0; s < boxes.Length; s++)
                    boxes[s].Place(rotated + starts[s], width, row, count);
            }
        }
    }

    private void Forget(Func<KeyBlock, bool> isGone)
    {
        foreach (var block in _trees.Keys.Where(isGone).ToArray())
        {
            _trees[block].Dispose();
            _trees.Remove(block);
        }
    }

    private sealed class Trees(TreeBoxes<TLanes, TVector>[] boxes) : IDisposable
    {
        public TreeBoxes<TLanes, TVector>[] Boxes => boxes;

        public int Uses { get; set; }

        public void Dispose()
        {
            foreach (var box in boxes)
                box.Dispose();
        }
    }
}
