using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits.Heads;

/// <summary>What blocks of heads are compared by.</summary>
public enum HeadMetric
{
    /// <summary>Weights only: all directions of a subspace count alike.</summary>
    Weights,

    /// <summary>Typical activations: directions of a read subspace count by their covariance at the site, <c>Σ_j^½ T_jk</c>.</summary>
    Variance,
}

/// <summary>
/// Products of the same block of two heads, for all blocks and all pairs of heads of a layer: of OV <c>T_jk = R_jᵀ N W_V W_O R'_k</c>, of QK <c>S_ij</c>
/// (<see cref="OvBlocks"/>, <see cref="QkBlocks"/>).
/// </summary>
/// <remarks>
/// With <c>T = A Bᵀ</c> both come from Gram matrices of d_head × d_head alone: <c>⟨T, T'⟩ = ⟨AᵀA', BᵀB'⟩</c> and, with <c>G = AᵀA</c> and <c>K = BᵀB'</c>,
/// <c>‖T T'ᵀ‖² = tr(G K G' Kᵀ)</c>.
/// </remarks>
/// <param name="LeftSizes">Dimensions of the subspaces of the rows; of QK the last is the constant part of the query.</param>
/// <param name="RightSizes">Dimensions of the subspaces of the columns.</param>
/// <param name="Inner">⟨T, T'⟩. [head, head, subspace_left, subspace_right]</param>
/// <param name="Cross">‖T T'ᵀ‖². [head, head, subspace_left, subspace_right]</param>
public sealed record HeadProducts(IReadOnlyList<int> LeftSizes, IReadOnlyList<int> RightSizes, double[,,,] Inner, double[,,,] Cross)
{
    /// <summary>Number of heads.</summary>
    public int Heads => Inner.GetLength(0);

    /// <summary>Products of OV blocks.</summary>
    /// <param name="read">Partition at the site that the layer reads.</param>
    /// <param name="write">Partition at the site that it writes.</param>
    /// <param name="map">What it sees of the read site.</param>
    /// <param name="attention">Weights of the layer.</param>
    /// <param name="metric">How directions count.</param>
    /// <param name="isWhole">Whether the whole map is one block.</param>
    public static HeadProducts OfOv(Partition read, Partition write, ReadMap map, AttentionWeights attention, HeadMetric metric = HeadMetric.Weights, bool isWhole = false)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var r = write.R.to(float64);
        return Of(Each(attention, head => (map.Rotated(read, attention.WV[head]), attention.WO[head].to(float64).matmul(r).T)), Sizes(read.Sizes, isWhole), Sizes(write.Sizes, isWhole),
            metric is HeadMetric.Variance ? Blocks.WithinSubspaces(read) : null, null);
    }

    /// <summary>Products of QK blocks, the constant part of the query as a query subspace of its own, the last.</summary>
    /// <param name="read">Partition at the site that the layer reads.</param>
    /// <param name="map">What it sees of that site.</param>
    /// <param name="attention">Weights of the layer.</param>
    /// <param name="metric">How directions count.</param>
    /// <param name="isWhole">Whether the whole map is one block.</param>
    public static HeadProducts OfQk(Partition read, ReadMap map, AttentionWeights attention, HeadMetric metric = HeadMetric.Weights, bool isWhole = false)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var covariance = metric is HeadMetric.Variance ? Blocks.WithinSubspaces(read) : null;
        return Of(Each(attention, head =>
        {
            var wQ = attention.WQ[head].to(float64);
            var constant = map.Constant.matmul(wQ) + attention.BQ[head].to(float64);
            return (cat([map.Rotated(read, wQ), constant.unsqueeze(0)], dim: 0) / Math.Sqrt(wQ.shape[1]), map.Rotated(read, attention.WK[head]));
        }), Sizes([.. read.Sizes, 1], isWhole), Sizes(read.Sizes, isWhole), covariance is null ? null : block_diag(covariance, ones(1, 1, dtype: float64)), covariance);
    }

    private static IReadOnlyList<int> Sizes(IReadOnlyList<int> sizes, bool isWhole) => isWhole ? [sizes.Sum()] : sizes;

    private static IEnumerable<(Tensor Left, Tensor Right)> Each(AttentionWeights attention, Func<int, (Tensor, Tensor)> factors) => Enumerable.Range(0, (int)attention.WQ.shape[0]).Select(factors);

    private static HeadProducts Of(IEnumerable<(Tensor Left, Tensor Right)> factors, IReadOnlyList<int> leftSizes, IReadOnlyList<int> rightSizes, Tensor? leftMetric, Tensor? rightMetric)
    {
        (Tensor Left, Tensor Right)[] heads = [.. factors.Select(pair => Blocks.Orthonormal(pair.Left, pair.Right))];
        var left = Grams(stack([.. heads.Select(head => head.Left)], dim: 0), leftMetric, leftSizes);       // [left, head, head, d_head, d_head]
        var right = Grams(stack([.. heads.Select(head => head.Right)], dim: 0), rightMetric, rightSizes);   // [right, head, head, d_head, d_head]
        Tensor Cross(int i, int j)
        {
            using var step = NewDisposeScope();
            var (own, k) = (left[i].diagonal(0, 0, 1).permute(2, 0, 1), right[j]);                          // [head, d_head, d_head], [head, head, d_head, d_head]
            return (own.unsqueeze(1).matmul(k).matmul(own.unsqueeze(0)) * k).sum([2, 3]).MoveToOuterDisposeScope();
        }

        var cross = stack([.. Enumerable.Range(0, leftSizes.Count).Select(i => stack([.. Enumerable.Range(0, rightSizes.Count).Select(j => Cross(i, j))], dim: -1))], dim: -2); // [head, head, left, right]
        return new HeadProducts(leftSizes, rightSizes, ToArray(einsum("ihgab,jhgab->hgij", left, right)), ToArray(cross));
    }

    /// <summary>Gram matrices <c>A_iᵀ M A'_i</c> of all pairs of heads.</summary>
    /// <param name="rows">A. [head, d_model, d_head]</param>
    /// <param name="metric">M, or null for the identity. [d_model, d_model]</param>
    /// <param name="sizes">Rows of each subspace.</param>
    /// <returns>[unit, head, head, d_head, d_head]</returns>
    private static Tensor Grams(Tensor rows, Tensor? metric, IReadOnlyList<int> sizes)
    {
        long[] parts = [.. sizes.Select(size => (long)size)];
        var weighted = metric is null ? rows : metric.matmul(rows);
        return stack([.. rows.split(parts, dim: 1).Zip(weighted.split(parts, dim: 1), (a, b) => einsum("hda,gdb->hgab", a, b))], dim: 0);
    }

    private static double[,,,] ToArray(Tensor table)
    {
        var flat = table.contiguous().cpu().data<double>().ToArray();
        var result = new double[table.shape[0], table.shape[1], table.shape[2], table.shape[3]];
        Buffer.BlockCopy(flat, 0, result, 0, flat.Length * sizeof(double));
        return result;
    }
}
