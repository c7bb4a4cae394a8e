using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>
/// The order of a block's rows in which rows that are near in one subspace lie together: a balanced k-d tree (Bentley 1975) whose leaves hold
/// <see cref="Leaf"/> rows. Only the order is kept; boxes are taken anew under every rotation, so an old order costs time, never a neighbour.
/// </summary>
internal sealed unsafe class BlockTree
{
    /// <summary>Rows in a leaf.</summary>
    public const int Leaf = 32;

    /// <summary>Leaves that have a common box.</summary>
    public const int Group = 16;

    private const int Lanes = 4;

    private readonly Vector128<float>[] _rows; // [rows, _vectors], side by side: the tree reads them in every order
    private readonly int _vectors;
    private readonly float[] _key;

    /// <param name="coordinates">Of every row in the subspace. [rows, stride]</param>
    /// <param name="stride">Step from row to row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="size">Dimensions.</param>
    public BlockTree(float* coordinates, nint stride, int rows, int size)
    {
        Leaves = (rows + Leaf - 1) / Leaf;
        Order = [.. Enumerable.Range(0, rows)];
        _vectors = (size + Lanes - 1) / Lanes;
        _rows = new Vector128<float>[rows * _vectors];
        var values = MemoryMarshal.Cast<Vector128<float>, float>(_rows.AsSpan());
        for (var row = 0; row < rows; row++)
            new ReadOnlySpan<float>(coordinates + row * stride, size).CopyTo(values[(row * _vectors * Lanes)..]);
        _key = new float[rows];
        Split(0, rows);
        Places = new int[rows];
        for (var place = 0; place < rows; place++)
            Places[Order[place]] = place;
        (_rows, _key) = ([], []);
    }

    public int Leaves { get; }

    /// <summary>Row at every place.</summary>
    public int[] Order { get; }

    /// <summary>Place of every row.</summary>
    public int[] Places { get; }

    private void Split(int first, int end)
    {
        var leaves = (end - first + Leaf - 1) / Leaf;
        if (leaves < 2)
            return;
        // The left side is a full subtree, so that groups of leaves are subtrees too.
        var left = 1;
        while (2 * left < leaves)
            left *= 2;
        var middle = first + left * Leaf;
        var (vector, lane) = Math.DivRem(Widest(first, end), Lanes);
        for (var i = first; i < end; i++)
            _key[i] = _rows[Order[i] * _vectors + vector][lane];
        fixed (float* key = _key)
        fixed (int* order = Order)
            Select(key, order, first, end - 1, middle);
        Split(first, middle);
        Split(middle, end);
    }

    /// <summary>The dimension in which the rows spread the most.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Widest(int first, int end)
    {
        var (widest, width) = (0, -1f);
        for (var vector = 0; vector < _vectors; vector++)
        {
            Vector128<float> low = Vector128.Create(float.MaxValue), high = Vector128.Create(float.MinValue);
            for (var place = first; place < end; place++)
            {
                var x = _rows[Order[place] * _vectors + vector];
                (low, high) = (Vector128.MinNative(low, x), Vector128.MaxNative(high, x));
            }

            var widths = high - low; // 0 where there is no dimension
            for (var lane = 0; lane < Lanes; lane++)
            {
                if (widths[lane] > width)
                    (widest, width) = (vector * Lanes + lane, widths[lane]);
            }
        }

        return widest;
    }

    /// <summary>Brings the smaller keys before <paramref name="middle"/> (quickselect).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Select(float* key, int* order, int low, int high, int middle)
    {
        while (low < high)
        {
            var pivot = key[(low + high) / 2];
            int left = low, right = high;
            while (left <= right)
            {
                while (key[left] < pivot)
                    left++;
                while (key[right] > pivot)
                    right--;
                if (left > right)
                    break;
                (key[left], key[right]) = (key[right], key[left]);
                (order[left], order[right]) = (order[right], order[left]);
                left++;
                right--;
            }

            if (middle <= right)
                high = right;
            else if (middle >= left)
                low = left;
            else
                return;
        }
    }
}
