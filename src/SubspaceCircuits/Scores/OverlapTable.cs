using SubspaceCircuits.Scores.Measures;

namespace SubspaceCircuits.Scores;

/// <summary>Overlaps of true subspaces with predicted blocks, <c>O_ij = ‖U_iᵀ P_j‖² = Σ cos² θ</c>, in dimensions: from 0 to the smaller size.</summary>
/// <param name="overlaps">O. [true, predicted]</param>
/// <param name="sizes">Dimensions k_i of the true subspaces.</param>
/// <param name="blockSizes">Dimensions m_j of the predicted blocks that count.</param>
internal sealed class OverlapTable(double[,] overlaps, IReadOnlyList<int> sizes, IReadOnlyList<double> blockSizes)
{
    /// <summary>The overlaps of bases that stand side by side.</summary>
    /// <param name="bases">Each basis orthonormal. [d_model, sum of sizes]</param>
    /// <param name="sizes">Columns of each.</param>
    /// <param name="blocks">Orthonormal. [d_model, sum of blockSizes]</param>
    /// <param name="blockSizes">Columns of each.</param>
    /// <param name="counted">Dimensions of each that count.</param>
    public static OverlapTable Of(Tensor bases, IReadOnlyList<int> sizes, Tensor blocks, IReadOnlyList<int> blockSizes, IReadOnlyList<double> counted)
    {
        using var scope = NewDisposeScope();
        var squares = bases.T.matmul(blocks).square().data<double>().ToArray(); // [sum of sizes, sum of blockSizes], rows first
        int[] rows = Owners(sizes), columns = Owners(blockSizes);
        var overlaps = new double[sizes.Count, blockSizes.Count];
        for (var row = 0; row < rows.Length; row++)
        {
            for (var column = 0; column < columns.Length; column++)
                overlaps[rows[row], columns[column]] += squares[(row * columns.Length) + column];
        }

        return new OverlapTable(overlaps, sizes, counted);
    }

    /// <summary>Dimensions of every block inside one subspace.</summary>
    /// <param name="basis">Orthonormal. [d_model, dims]</param>
    /// <param name="blocks">Orthonormal. [d_model, sum of blockSizes]</param>
    /// <param name="blockSizes">Columns of each.</param>
    public static double[] Within(Tensor basis, Tensor blocks, IReadOnlyList<int> blockSizes) =>
        Of(basis, [(int)basis.shape[1]], blocks, blockSizes, [.. blockSizes.Select(size => (double)size)]).Row(0);

    /// <summary>Overlap of one pair, in dimensions.</summary>
    public double this[int subspace, int block] => overlaps[subspace, block];

    /// <summary>Overlaps of one true subspace with every block.</summary>
    public double[] Row(int subspace) => [.. Enumerable.Range(0, blockSizes.Count).Select(block => overlaps[subspace, block])];

    /// <summary>Intersection over union, <c>O / (k + m − O)</c>: 1 when both are the same, and never when their sizes differ.</summary>
    public double IoU(int subspace, int block) => this[subspace, block] / (sizes[subspace] + blockSizes[block] - this[subspace, block]);

    /// <summary>The block of every true subspace: one to one, with the greatest <c>Σ k_i IoU</c>; null for those left over.</summary>
    public int?[] Matches()
    {
        var weights = new double[sizes.Count, blockSizes.Count];
        for (var i = 0; i < sizes.Count; i++)
        {
            for (var j = 0; j < blockSizes.Count; j++)
                weights[i, j] = sizes[i] * IoU(i, j);
        }

        return Assignment.Best(weights);
    }

    /// <summary>Subspace recovery score of an assignment, <c>Σ k_i IoU_i,π(i) / Σ k_i</c>; what has no block counts 0.</summary>
    public double Score(int?[] matches) => sizes.Select((size, i) => matches[i] is { } block ? size * IoU(i, block) : 0).Sum() / sizes.Sum();

    /// <summary>The overlaps as a contingency table of dimensions, with one more row for the rest when the subspaces do not span d_model.</summary>
    /// <param name="spanned">Overlap of their joint span with every block.</param>
    /// <returns>[true or rest, predicted]</returns>
    public double[,] WithRest(double[] spanned)
    {
        double[] rest = [.. blockSizes.Select((size, block) => Math.Max(0, size - spanned[block]))];
        var isWhole = rest.Sum() < 0.5; // a whole number of dimensions, but for rounding
        var masses = new double[isWhole ? sizes.Count : sizes.Count + 1, blockSizes.Count];
        for (var i = 0; i < masses.GetLength(0); i++)
        {
            for (var j = 0; j < blockSizes.Count; j++)
                masses[i, j] = i < sizes.Count ? this[i, j] : rest[j];
        }

        return masses;
    }

    private static int[] Owners(IReadOnlyList<int> sizes) => [.. sizes.SelectMany((size, owner) => Enumerable.Repeat(owner, size))];
}
