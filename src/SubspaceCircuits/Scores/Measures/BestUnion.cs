namespace SubspaceCircuits.Scores.Measures;

/// <summary>The blocks that together hold most of a true subspace: how well it was found when it may have been split.</summary>
/// <param name="Capture">Part of the true subspace that lies in them, 0 to 1.</param>
/// <param name="Blocks">Their places in the prediction, ascending. Blocks that add nothing are left out.</param>
public sealed record BestUnion(double Capture, IReadOnlyList<int> Blocks)
{
    /// <summary>Overlaps below this are rounding.</summary>
    private const double Nothing = 1e-9;

    /// <summary>
    /// The union of blocks of at most <paramref name="room"/> dimensions with the greatest overlap. Overlaps of orthogonal blocks add up, so this is a
    /// knapsack with whole weights: exact by dynamic programming in <c>blocks · room</c> steps, for any number of blocks.
    /// </summary>
    /// <param name="overlaps">Overlap of every block with the true subspace, dimensions.</param>
    /// <param name="blockSizes">Dimensions of every block.</param>
    /// <param name="size">Dimensions of the true subspace.</param>
    /// <param name="room">Most dimensions of the union.</param>
    public static BestUnion Of(IReadOnlyList<double> overlaps, IReadOnlyList<int> blockSizes, int size, int room)
    {
        var best = new double[room + 1];
        var isTaken = new bool[blockSizes.Count, room + 1];
        for (var block = 0; block < blockSizes.Count; block++)
        {
            for (var left = room; left >= blockSizes[block]; left--)
            {
                var with = best[left - blockSizes[block]] + overlaps[block];
                if (with > best[left] + Nothing)
                    (best[left], isTaken[block, left]) = (with, true);
            }
        }

        var blocks = new Stack<int>();
        for (int block = blockSizes.Count - 1, left = room; block >= 0; block--)
        {
            if (!isTaken[block, left])
                continue;
            blocks.Push(block);
            left -= blockSizes[block];
        }

        return new BestUnion(best[room] / size, [.. blocks]);
    }
}
