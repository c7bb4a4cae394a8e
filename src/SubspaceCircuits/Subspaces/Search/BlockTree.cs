using System.Runtime.CompilerServices;

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

    private readonly float[] _key;

    /// <param name="coordinates">Of every row in the subspace. [rows, stride]</param>
    /// <param name="stride">Step from row to row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="size">Dimensions.</param>
    public BlockTree(float* coordinates, nint stride, int rows, int size)
    {
        Leaves = (rows + Leaf - 1) / Leaf;
        Order = [.. Enumerable.Range(0, rows)];
        _key = new float[rows];
        Split(coordinates, stride, size, 0, rows);
        Places = new int[rows];
        for (var place = 0; place < rows; place++)
            Places[Order[place]] = place;
        _key = [];
    }

    public int Leaves { get; }

    /// <summary>Row at every place.</summary>
    public int[] Order { get; }

    /// <summary>Place of every row.</summary>
    public int[] Places { get; }

    private void Split(float* coordinates, nint stride, int size, int first, int end)
    {
        var leaves = (end - first + Leaf - 1) / Leaf;
        if (leaves < 2)
            return;
        // The left side is a full subtree, so that groups of leaves are subtrees too.
        var left = 1;
        while (2 * left < leaves)
            left *= 2;
        var middle = first + left * Leaf;
        var widest = Widest(coordinates, stride, size, first, end);
        for (var i = first; i < end; i++)
            _key[i] = coordinates[Order[i] * stride + widest];
        Select(first, end - 1, middle);
        Split(coordinates, stride, size, first, middle);
        Split(coordinates, stride, size, middle, end);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Widest(float* coordinates, nint stride, int size, int first, int end)
    {
        var (widest, width) = (0, -1f);
        for (var i = 0; i < size; i++)
        {
            var (low, high) = (float.MaxValue, float.MinValue);
            for (var place = first; place < end; place++)
            {
                var x = coordinates[Order[place] * stride + i];
                (low, high) = (Math.Min(low, x), Math.Max(high, x));
            }

            if (high - low > width)
                (widest, width) = (i, high - low);
        }

        return widest;
    }

    /// <summary>Brings the smaller keys before <paramref name="middle"/> (quickselect).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Select(int low, int high, int middle)
    {
        while (low < high)
        {
            var pivot = _key[(low + high) / 2];
            int left = low, right = high;
            while (left <= right)
            {
                while (_key[left] < pivot)
                    left++;
                while (_key[right] > pivot)
                    right--;
                if (left > right)
                    break;
                (_key[left], _key[right]) = (_key[right], _key[left]);
                (Order[left], Order[right]) = (Order[right], Order[left]);
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
