using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>Coordinates of a block's rows in one subspace in the order of a tree, with boxes around leaves and groups of leaves. Owns its memory and frees it.</summary>
internal sealed unsafe class TreeBoxes<TLanes, TVector> : IDisposable
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private const int Leaf = BlockTree.Leaf, Group = BlockTree.Group;

    private readonly int[] _order, _places;
    private readonly int _size, _leaves, _groups, _groupStride;
    private readonly AlignedBuffer<float> _placed, _coordinates, _leafLow, _leafHigh, _groupLow, _groupHigh;

    public TreeBoxes(BlockTree tree, int size)
    {
        (_order, _places, _size, _leaves) = (tree.Order, tree.Places, size, tree.Leaves);
        _groups = (_leaves + Group - 1) / Group;
        _groupStride = (_groups + TLanes.Width - 1) / TLanes.Width * TLanes.Width;
        (_placed, _coordinates) = (new((long)_leaves * Leaf * size), new((long)_leaves * Leaf * size));
        (_leafLow, _leafHigh) = (new((long)_groups * Group * size), new((long)_groups * Group * size));
        (_groupLow, _groupHigh) = (new((long)_groupStride * size), new((long)_groupStride * size));
        foreach (var buffer in new[] { _coordinates, _leafLow, _leafHigh, _groupLow, _groupHigh })
            buffer.Span.Fill(float.PositiveInfinity); // what is not there is far away
    }

    public int Groups => _groupStride;

    /// <summary>Puts rows in the order of the tree.</summary>
    /// <param name="coordinates">[count, stride]</param>
    /// <param name="stride">Step from row to row.</param>
    /// <param name="first">First row.</param>
    /// <param name="count">Rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Place(float* coordinates, nint stride, int first, int count)
    {
        var size = _size;
        var placed = _placed.Pointer;
        fixed (int* places = _places)
        {
            for (var row = 0; row < count; row++, coordinates += stride)
            {
                var to = placed + (nint)places[first + row] * size;
                if (size == 2)
                    *(double*)to = *(double*)coordinates;
                else if (size == 4)
                    Vector128.Load(coordinates).Store(to);
                else
                    new ReadOnlySpan<float>(coordinates, size).CopyTo(new Span<float>(to, size));
            }
        }
    }

    /// <summary>The rows of a leaf by dimension. [size, Leaf]</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transpose(int leaf, int count)
    {
        float* from = _placed.Pointer + (nint)leaf * Leaf * _size, to = _coordinates.Pointer + (nint)leaf * Leaf * _size;
        if (Sse.IsSupported && count == Leaf && _size == 2)
        {
            for (var row = 0; row < Leaf; row += 4, from += 8)
            {
                Vector128<float> a = Vector128.Load(from), b = Vector128.Load(from + 4);
                Sse.Shuffle(a, b, 0b10_00_10_00).Store(to + row);
                Sse.Shuffle(a, b, 0b11_01_11_01).Store(to + Leaf + row);
            }
        }
        else if (Sse.IsSupported && count == Leaf && _size == 4)
        {
            for (var row = 0; row < Leaf; row += 4, from += 16)
            {
                Vector128<float> a = Vector128.Load(from), b = Vector128.Load(from + 4), c = Vector128.Load(from + 8), d = Vector128.Load(from + 12);
                Vector128<float> ab = Sse.UnpackLow(a, b), cd = Sse.UnpackLow(c, d), abHigh = Sse.UnpackHigh(a, b), cdHigh = Sse.UnpackHigh(c, d);
                Sse.MoveLowToHigh(ab, cd).Store(to + row);
                Sse.MoveHighToLow(cd, ab).Store(to + Leaf + row);
                Sse.MoveLowToHigh(abHigh, cdHigh).Store(to + 2 * Leaf + row);
                Sse.MoveHighToLow(cdHigh, abHigh).Store(to + 3 * Leaf + row);
            }
        }
        else
        {
            for (var row = 0; row < count; row++)
            {
                for (var i = 0; i < _size; i++)
                    to[i * Leaf + row] = from[row * _size + i];
            }
        }
    }

    /// <summary>Takes the boxes of leaves and groups anew.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fit()
    {
        var rows = _order.Length;
        for (var leaf = 0; leaf < _leaves; leaf++)
        {
            var (group, lane, count) = (leaf / Group, leaf % Group, Math.Min(Leaf, rows - leaf * Leaf));
            Transpose(leaf, count);
            for (var i = 0; i < _size; i++)
            {
                var x = _coordinates.Pointer + ((nint)leaf * _size + i) * Leaf;
                float low, high;
                if (count == Leaf)
                {
                    TVector lows = TLanes.Load(x), highs = lows;
                    for (var at = TLanes.Width; at < Leaf; at += TLanes.Width)
                    {
                        var more = TLanes.Load(x + at);
                        lows = TLanes.Min(lows, more);
                        highs = TLanes.Max(highs, more);
                    }

                    (low, high) = (TLanes.MinAcross(lows), TLanes.MaxAcross(highs));
                }
                else
                {
                    (low, high) = (x[0], x[0]);
                    for (var at = 1; at < count; at++)
                        (low, high) = (Math.Min(low, x[at]), Math.Max(high, x[at]));
                }

                var box = ((nint)group * _size + i) * Group + lane;
                _leafLow.Pointer[box] = low;
                _leafHigh.Pointer[box] = high;
            }
        }

        for (var group = 0; group < _groups; group++)
        {
            var count = Math.Min(Group, _leaves - group * Group);
            for (var i = 0; i < _size; i++)
            {
                var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
                for (var lane = 0; lane < count; lane++)
                {
                    var box = ((nint)group * _size + i) * Group + lane;
                    (low, high) = (Math.Min(low, _leafLow.Pointer[box]), Math.Max(high, _leafHigh.Pointer[box]));
                }

                _groupLow.Pointer[(nint)i * _groupStride + group] = low;
                _groupHigh.Pointer[(nint)i * _groupStride + group] = high;
            }
        }
    }

    /// <summary>
    /// Finds the keys that may be the nearest when every distance may be wrong by up to a slack: those no farther than the least distance and
    /// twice the slack. A box is left out when its nearest point is farther: boxes and keys are rounded alike, so a box is never farther than a
    /// key in it.
    /// </summary>
    /// <param name="query">[size]</param>
    /// <param name="offset">Key index of the block's first row.</param>
    /// <param name="bounds">Space for the groups' distances. [Groups]</param>
    /// <param name="candidates">Added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Candidates(float* query, int offset, float* bounds, ref NearCandidates candidates)
    {
        var nearest = GroupBounds(query, bounds);
        if (bounds[nearest] <= candidates.Limit)
            CandidatesOfGroup(nearest, query, offset, ref candidates);
        for (var first = 0; first < _groupStride; first += TLanes.Width)
        {
            for (var mask = TLanes.LessOrEqual(TLanes.Load(bounds + first), TLanes.Broadcast(candidates.Limit)); mask != 0; mask &= mask - 1)
            {
                var group = first + BitOperations.TrailingZeroCount(mask);
                if (group != nearest && group < _groups && bounds[group] <= candidates.Limit)
                    CandidatesOfGroup(group, query, offset, ref candidates);
            }
        }
    }

    public void Dispose()
    {
        foreach (var buffer in new[] { _placed, _coordinates, _leafLow, _leafHigh, _groupLow, _groupHigh })
            buffer.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int GroupBounds(float* query, float* bounds)
    {
        var least = TLanes.Broadcast(float.PositiveInfinity);
        for (var first = 0; first < _groupStride; first += TLanes.Width)
        {
            var sum = BoxDistance(_groupLow.Pointer + first, _groupHigh.Pointer + first, _groupStride, query);
            TLanes.Store(sum, bounds + first);
            least = TLanes.Min(least, sum);
        }

        var min = TLanes.Broadcast(TLanes.MinAcross(least));
        for (var first = 0; first < _groupStride; first += TLanes.Width)
        {
            var mask = TLanes.LessOrEqual(TLanes.Load(bounds + first), min);
            if (mask != 0)
                return first + BitOperations.TrailingZeroCount(mask);
        }

        return 0;
    }

    /// <summary>Squared distances to boxes, <c>Σ max(low − q, q − high, 0)²</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TVector BoxDistance(float* low, float* high, nint stride, float* query)
    {
        var sum = TLanes.Zero;
        for (var i = 0; i < _size; i++)
        {
            var q = TLanes.Broadcast(query[i]);
            var outside = TLanes.Max(TLanes.Max(TLanes.Subtract(TLanes.Load(low + i * stride), q), TLanes.Subtract(q, TLanes.Load(high + i * stride))), TLanes.Zero);
            sum = TLanes.MultiplyAdd(outside, outside, sum);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CandidatesOfGroup(int group, float* query, int offset, ref NearCandidates candidates)
    {
        var start = (nint)group * Group * _size;
        float* distances = stackalloc float[Group];
        var least = TLanes.Broadcast(float.PositiveInfinity);
        for (var first = 0; first < Group; first += TLanes.Width)
        {
            var bounds = BoxDistance(_leafLow.Pointer + start + first, _leafHigh.Pointer + start + first, Group, query);
            TLanes.Store(bounds, distances + first);
            least = TLanes.Min(least, bounds);
        }

        // The nearest leaf first: it lowers the limit for the others.
        var nearest = TLanes.MinAcross(least);
        var done = 0;
        while (distances[done] > nearest)
            done++;
        if (nearest <= candidates.Limit)
            CandidatesOfLeaf(group * Group + done, query, offset, ref candidates);
        for (var first = 0; first < Group; first += TLanes.Width)
        {
            for (var mask = TLanes.LessOrEqual(TLanes.Load(distances + first), TLanes.Broadcast(candidates.Limit)); mask != 0; mask &= mask - 1)
            {
                var lane = first + BitOperations.TrailingZeroCount(mask);
                if (lane != done && distances[lane] <= candidates.Limit)
                    CandidatesOfLeaf(group * Group + lane, query, offset, ref candidates);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CandidatesOfLeaf(int leaf, float* query, int offset, ref NearCandidates candidates)
    {
        if (leaf >= _leaves)
            return;
        var x = _coordinates.Pointer + (nint)leaf * _size * Leaf;
        float* squared = stackalloc float[Leaf];
        var nearest = TLanes.Broadcast(float.PositiveInfinity);
        for (var first = 0; first < Leaf; first += TLanes.Width)
        {
            var sum = TLanes.Zero;
            for (var i = 0; i < _size; i++)
            {
                var difference = TLanes.Subtract(TLanes.Load(x + i * Leaf + first), TLanes.Broadcast(query[i]));
                sum = TLanes.MultiplyAdd(difference, difference, sum);
            }

            TLanes.Store(sum, squared + first);
            nearest = TLanes.Min(nearest, sum);
        }

        if (TLanes.LessOrEqual(nearest, TLanes.Broadcast(candidates.Limit)) == 0)
            return;
        if (TLanes.Less(nearest, TLanes.Broadcast(candidates.Least)) != 0)
            candidates.Lower(TLanes.MinAcross(nearest));
        for (var first = 0; first < Leaf; first += TLanes.Width)
        {
            for (var mask = TLanes.LessOrEqual(TLanes.Load(squared + first), TLanes.Broadcast(candidates.Limit)); mask != 0; mask &= mask - 1)
            {
                var place = first + BitOperations.TrailingZeroCount(mask);
                if (leaf * Leaf + place < _order.Length)
                    candidates.Add(offset + _order[leaf * Leaf + place], squared[place]);
            }
        }
    }
}
