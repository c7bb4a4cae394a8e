using System.Numerics;
using System.Runtime.CompilerServices;
using SubspaceCircuits.Backend;
using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>Keys, queries and the rotation of one pass.</summary>
/// <param name="Keys">Blocks of keys; a key's index counts through all of them.</param>
/// <param name="Center">Subtracted from every activation. [d_model]</param>
/// <param name="Columns">Which subspaces.</param>
/// <param name="Kept">Candidates kept for each query and subspace.</param>
/// <param name="IsBytes">Scores in bytes, else in float32.</param>
/// <param name="BrainFloatNorm">How far keys lie from the center at most, those that are searched apart left out, to rotate them in bfloat16; 0 for float32.</param>
internal sealed record PassSettings(IReadOnlyList<StoredRows> Keys, AlignedBuffer<float> Center, SubspaceColumns Columns, int Kept, bool IsBytes, float BrainFloatNorm = 0);

/// <summary>What a pass has found.</summary>
internal interface ICandidatePass : IDisposable
{
    /// <summary>Streams all keys once: converts, rotates and scores tile by tile; nothing of the size of all keys is kept.</summary>
    /// <param name="settings">Keys and what to keep.</param>
    /// <param name="rotation">R, [d_model, d_model].</param>
    /// <param name="queries">Less the center. [count, d_model]</param>
    /// <param name="count">Queries.</param>
    /// <param name="cancellation">Checked between tiles.</param>
    unsafe void Run(PassSettings settings, float* rotation, float* queries, int count, CancellationToken cancellation);

    /// <summary>The candidates of a query, best first. When there are as many as are kept, others may be no better than the last.</summary>
    ReadOnlySpan<ulong> Candidates(int subspace, int query);

    /// <summary>What the true distance of an entry is at least.</summary>
    float LowerBound(int subspace, int query, ulong entry);

    /// <summary>Bytes of lists for a number of queries.</summary>
    long Bytes(int subspaces, int queries, int kept);
}

/// <inheritdoc cref="ICandidatePass"/>
internal sealed unsafe class CandidatePass<TLanes, TVector>(int threads) : ICandidatePass
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Rows that are rotated at a time: the tile and its rotation stay in the second cache.</summary>
    private const int Tile = 96;

    private const int SampleRows = 1024;

    /// <summary>Rows that all threads work on together.</summary>
    private const int Chunk = 21 * Tile;

    private const int NoIntScore = -(1 << 29);

    private readonly Worker[] _workers = [.. Enumerable.Range(0, threads).Select(_ => new Worker())];
    private readonly AlignedBuffer<float> _columns = new(), _packedRotation = new(), _rotatedQueries = new(), _panels = new(), _starts = new(), _queryNorms = new(), _queryErrors = new();
    private readonly AlignedBuffer<sbyte> _queryBytes = new();
    private PassSettings? _settings;
    private ByteGrid[] _grids = [];
    private float[] _keyErrors = [], _keyNorms = [], _rotationErrors = [];
    private int _queries, _padded;

    private static int Panel => FloatScores<TLanes, TVector>.Panel;

    public long Bytes(int subspaces, int queries, int kept) => threads * CandidateLists.Bytes((long)subspaces * Pad(queries), kept) + 4L * subspaces * Pad(queries) * (threads + 3);

    public void Run(PassSettings settings, float* rotation, float* queries, int count, CancellationToken cancellation)
    {
        _settings = settings;
        (_queries, _padded) = (count, Pad(count));
        var (columns, d) = (settings.Columns, settings.Keys[0].DModel);
        columns.Gather(rotation, d, settings.IsBytes ? [.. columns.Sizes.Select(Turns.Of)] : null, _columns);
        PackedProduct<TLanes, TVector>.Pack(_columns.Pointer, columns.Count, 1, d, columns.Count, _packedRotation.Ensure((long)PackedProduct<TLanes, TVector>.Padded(columns.Count) * d));
        foreach (var worker in _workers)
            worker.Prepare(d, PackedProduct<TLanes, TVector>.Padded(columns.Count), count, _padded, settings);
        PrepareQueries(queries, d);

        using var brain = settings.BrainFloatNorm > 0 ? new BrainFloatRows(Chunk, d, _columns.Pointer, columns) : null;
        var offset = 0;
        foreach (var block in settings.Keys)
        {
            for (var first = 0; first < block.Count; first += Chunk)
            {
                var (rows, start, before) = (Math.Min(Chunk, block.Count - first), first, offset);
                cancellation.ThrowIfCancellationRequested();
                brain?.Rotate(block, first, rows, settings.Center.Pointer, threads);
                Parts.Each(threads, (rows + Tile - 1) / Tile, (thread, tile) =>
                    Search(_workers[thread], block, brain, start, tile * Tile, Math.Min(Tile, rows - tile * Tile), before));
            }

            offset += block.Count;
        }

        _rotationErrors = [.. columns.Chosen.Select((_, s) => brain is null ? 0 : brain.Error(s) * settings.BrainFloatNorm)];
        (_keyErrors, _keyNorms) = (new float[columns.Chosen.Length], new float[columns.Chosen.Length]);
        foreach (var worker in _workers)
        {
            for (var s = 0; s < columns.Chosen.Length; s++)
            {
                _keyErrors[s] = Math.Max(_keyErrors[s], MathF.Sqrt(worker.Errors[s]));
                _keyNorms[s] = Math.Max(_keyNorms[s], MathF.Sqrt(worker.Norms[s]));
            }
        }

        Parts.Each(threads, columns.Chosen.Length, (_, s) =>
        {
            for (var list = s * _padded; list < s * _padded + _queries; list++)
            {
                foreach (var other in _workers.AsSpan(1))
                    _workers[0].Lists.Merge(other.Lists, list);
                _workers[0].Lists.Sort(list);
            }
        });
    }

    public ReadOnlySpan<ulong> Candidates(int subspace, int query) => _workers[0].Lists[subspace * _padded + query];

    public float LowerBound(int subspace, int query, ulong entry)
    {
        var at = subspace * _padded + query;
        var norm = _queryNorms.Pointer[at];
        if (_settings!.IsBytes)
        {
            // A score is rounded down by at most a half.
            var distance = MathF.Sqrt(Math.Max(0, norm - 2f * CandidateLists.IntScore(entry) - 1));
            return Math.Max(0, (distance - _queryErrors.Pointer[at] - _keyErrors[subspace]) * (1 - 1e-5f) / _grids[subspace].Scale - _rotationErrors[subspace]);
        }

        // Sums of p products, each rounded: within p ε ‖q‖ ‖k‖, with the norms of the subspace.
        var (q, k) = (MathF.Sqrt(norm), _keyNorms[subspace]);
        var slack = 2 * (_settings.Columns.Sizes[subspace] + 8) * 6e-8f * (q + k) * (q + k);
        return MathF.Sqrt(Math.Max(0, norm - 2 * CandidateLists.FloatScore(entry) - slack)) * (1 - 1e-5f);
    }

    public void Dispose()
    {
        foreach (var worker in _workers)
            worker.Dispose();
        foreach (var buffer in new[] { _columns, _packedRotation, _rotatedQueries, _panels, _starts, _queryNorms, _queryErrors })
            buffer.Dispose();
        _queryBytes.Dispose();
    }

    private static int Pad(int queries) => (queries + Panel - 1) / Panel * Panel;

    /// <summary>Rotates the queries and packs them in panels, as floats or on the grids.</summary>
    private void PrepareQueries(float* queries, int d)
    {
        var columns = _settings!.Columns;
        var width = PackedProduct<TLanes, TVector>.Padded(columns.Count);
        var rotated = _rotatedQueries.Ensure((long)PackedProduct<TLanes, TVector>.PaddedRows(_padded) * width);
        PackedProduct<TLanes, TVector>.MultiplyAny(queries, d, _queries, _packedRotation.Pointer, d, rotated, width, columns.Count);
        new Span<float>(rotated + (nint)_queries * width, (_padded - _queries) * width).Clear(); // what fills up a panel

        if (_settings.IsBytes)
            _grids = Grids(width);
        var lists = (long)columns.Chosen.Length * _padded;
        float* norms = _queryNorms.Ensure(lists), errors = _queryErrors.Ensure(lists);
        var panels = _panels.Ensure((long)columns.Count * _padded);
        var starts = _starts.Ensure(lists);
        var bytes = _queryBytes.Ensure(columns.Padded.Max());
        for (var s = 0; s < columns.Chosen.Length; s++)
        {
            var depth = columns.Padded[s];
            var at = panels + (nint)columns.Starts[s] * _padded;
            for (var query = 0; query < _padded; query++)
            {
                var vector = rotated + (nint)query * width + columns.Starts[s];
                var (panel, lane) = (query / Panel, query % Panel);
                var list = s * _padded + query;
                if (!_settings.IsBytes)
                {
                    var norm = 0f;
                    for (var i = 0; i < depth; i++)
                    {
                        norm += vector[i] * vector[i];
                        at[((nint)panel * depth + i) * Panel + lane] = vector[i];
                    }

                    norms[list] = norm;
                    continue;
                }

                errors[list] = MathF.Sqrt(_grids[s].Round(vector, (byte*)bytes, 0, out var squared));
                norms[list] = squared;
                int low = 0, high = 0;
                for (var i = 0; i < depth; i += 4)
                {
                    low += bytes[i] + bytes[i + 1];
                    high += bytes[i + 2] + bytes[i + 3];
                    at[((nint)panel * (depth / 4) + i / 4) * Panel + lane] = *(float*)(bytes + i);
                }

                var start = (uint)(ushort)(-ByteGrid.Offset * low) | (uint)(ushort)(-ByteGrid.Offset * high) << 16;
                starts[list] = BitConverter.UInt32BitsToSingle(start);
            }
        }
    }

    /// <summary>A grid for every subspace, from keys that lie apart.</summary>
    private ByteGrid[] Grids(int width)
    {
        var (columns, keys, d) = (_settings!.Columns, _settings.Keys, _settings.Keys[0].DModel);
        using var rotated = new AlignedBuffer<float>((long)SampleRows * width + Tile * width);
        int total = keys.Sum(block => block.Count), count = Math.Min(SampleRows, total);
        var worker = _workers[0];
        for (var first = 0; first < count; first += Tile)
        {
            var rows = Math.Min(Tile, count - first);
            for (var i = 0; i < rows; i++)
            {
                var key = (int)((long)(first + i) * total / count);
                var block = 0;
                while (key >= keys[block].Count)
                    key -= keys[block++].Count;
                keys[block].Load(key, worker.Rows.Pointer + (nint)i * d, _settings.Center.Pointer);
            }

            PackedProduct<TLanes, TVector>.Multiply(worker.Rows.Pointer, d, Tile, _packedRotation.Pointer, d, rotated.Pointer + (nint)first * width, width, columns.Count);
        }

        var grids = new ByteGrid[columns.Chosen.Length];
        for (var s = 0; s < grids.Length; s++)
            grids[s] = ByteGrid.For(rotated.Pointer + columns.Starts[s], count, width, columns.Padded[s]);
        return grids;
    }

    /// <summary>Scores a tile: some rows of a chunk of a block.</summary>
    private void Search(Worker worker, StoredRows block, BrainFloatRows? brain, int chunk, int tile, int count, int offset)
    {
        var (columns, d, width, row) = (_settings!.Columns, block.DModel, worker.Width, chunk + tile);
        if (brain is not null)
        {
            brain.Read(tile, count, worker.Rotated.Pointer, width);
        }
        else
        {
            block.Load(row, count, worker.Rows.Pointer, d, _settings.Center.Pointer);
            PackedProduct<TLanes, TVector>.Multiply(worker.Rows.Pointer, d, Tile, _packedRotation.Pointer, d, worker.Rotated.Pointer, width, columns.Count);
        }

        var groups = (count + Hits.Keys - 1) / Hits.Keys * Hits.Keys;
        for (var s = 0; s < columns.Chosen.Length; s++)
        {
            var depth = columns.Padded[s];
            var start = worker.Rotated.Pointer + columns.Starts[s];
            if (_settings.IsBytes)
                RoundKeys(worker, s, start, count, groups);
            else
                Biases(worker, s, start, depth, count, groups);
            for (var panel = 0; panel < _padded; panel += Panel)
            {
                var bars = worker.Bars.Pointer + (nint)s * _padded + panel;
                var queries = _panels.Pointer + (nint)columns.Starts[s] * _padded;
                var hits = _settings.IsBytes
                    ? ByteScores<TLanes, TVector>.Scan((float*)worker.Bytes.Pointer, depth / 4, groups, worker.Bias.Pointer, queries + (nint)panel * (depth / 4),
                        _starts.Pointer + (nint)s * _padded + panel, bars, worker.Hits.Masks, worker.Hits.Scores)
                    : FloatScores<TLanes, TVector>.Scan(start, width, groups, worker.Bias.Pointer, queries + (nint)panel * depth, depth, bars, worker.Hits.Masks, worker.Hits.Scores);
                if (hits > 0)
                    Keep(worker, hits, s * _padded + panel, bars, offset + row);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RoundKeys(Worker worker, int s, float* start, int count, int groups)
    {
        var (grid, depth) = (_grids[s], _settings!.Columns.Padded[s]);
        var worst = worker.Errors[s];
        for (var key = 0; key < count; key++)
        {
            worst = Math.Max(worst, grid.Round(start + (nint)key * worker.Width, worker.Bytes.Pointer + (nint)key * depth, ByteGrid.Offset, out var norm));
            worker.Bias.Pointer[key] = BitConverter.Int32BitsToSingle(-((norm + 1) / 2));
        }

        worker.Errors[s] = worst;
        for (var key = count; key < groups; key++)
            worker.Bias.Pointer[key] = BitConverter.Int32BitsToSingle(2 * NoIntScore);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Biases(Worker worker, int s, float* start, int depth, int count, int groups)
    {
        for (var key = 0; key < groups; key++)
        {
            var norm = 0f;
            for (var i = 0; i < depth; i++)
                norm += start[(nint)key * worker.Width + i] * start[(nint)key * worker.Width + i];
            worker.Bias.Pointer[key] = key < count ? -0.5f * norm : float.NegativeInfinity;
            if (key < count)
                worker.Norms[s] = Math.Max(worker.Norms[s], norm);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Keep(Worker worker, int hits, int firstList, float* bars, int firstKey)
    {
        var isBytes = _settings!.IsBytes;
        for (var hit = 0; hit < hits; hit++)
        {
            var masks = worker.Hits.Masks + (Hits.Keys + 1) * hit;
            var scores = worker.Hits.Scores + (nint)Hits.Keys * Panel * hit;
            for (var key = 0; key < Hits.Keys; key++)
            {
                for (var mask = masks[key + 1]; mask != 0; mask &= mask - 1)
                {
                    var lane = BitOperations.TrailingZeroCount(mask);
                    var score = scores[key * Panel + lane];
                    uint order;
                    if (isBytes)
                    {
                        var value = BitConverter.SingleToInt32Bits(score);
                        if (value <= BitConverter.SingleToInt32Bits(bars[lane]))
                            continue;
                        order = CandidateLists.Order(value);
                    }
                    else
                    {
                        if (!(score > bars[lane]))
                            continue;
                        order = CandidateLists.Order(score);
                    }

                    var list = firstList + lane;
                    if (!worker.Lists.Add(list, order, firstKey + (int)masks[0] + key))
                        continue;
                    var bar = worker.Lists.Bar(list);
                    bars[lane] = isBytes ? BitConverter.Int32BitsToSingle(CandidateLists.IntScore(bar)) : CandidateLists.FloatScore(bar);
                }
            }
        }
    }

    /// <summary>What one thread works with. Owns its memory and frees it.</summary>
    private sealed class Worker : IDisposable
    {
        public AlignedBuffer<float> Rows { get; } = new();

        public AlignedBuffer<float> Rotated { get; } = new();

        public AlignedBuffer<byte> Bytes { get; } = new();

        public AlignedBuffer<float> Bias { get; } = new(Tile);

        public AlignedBuffer<float> Bars { get; } = new();

        public CandidateLists Lists { get; } = new();

        public Hits Hits { get; } = new(Tile / Hits.Keys, Panel);

        /// <summary>Greatest squared error of rounding in each subspace.</summary>
        public float[] Errors { get; private set; } = [];

        /// <summary>Greatest squared norm in each subspace.</summary>
        public float[] Norms { get; private set; } = [];

        public int Width { get; private set; }

        public void Prepare(int d, int width, int queries, int padded, PassSettings settings)
        {
            var columns = settings.Columns;
            Width = width;
            Rows.Ensure((long)Tile * d);
            Rotated.Ensure((long)Tile * width);
            Bytes.Ensure((long)Tile * columns.Padded.Max());
            var lists = columns.Chosen.Length * padded;
            Lists.Reset(lists, settings.Kept);
            var bars = new Span<float>(Bars.Ensure(lists), lists);
            bars.Fill(settings.IsBytes ? BitConverter.Int32BitsToSingle(NoIntScore) : float.NegativeInfinity);
            for (var s = 0; s < columns.Chosen.Length; s++) // what only fills up a panel finds nothing
                bars[(s * padded + queries)..((s + 1) * padded)].Fill(settings.IsBytes ? BitConverter.Int32BitsToSingle(int.MaxValue) : float.PositiveInfinity);
            (Errors, Norms) = (new float[columns.Chosen.Length], new float[columns.Chosen.Length]);
        }

        public void Dispose()
        {
            foreach (var buffer in new[] { Rows, Rotated, Bias, Bars })
                buffer.Dispose();
            Bytes.Dispose();
            Lists.Dispose();
            Hits.Dispose();
        }
    }
}
