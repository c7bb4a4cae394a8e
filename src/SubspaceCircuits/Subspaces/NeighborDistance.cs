namespace SubspaceCircuits.Subspaces;

/// <summary>
/// The loss of Neighbor Distance Minimization: the Euclidean distance from a query to its nearest key within each subspace,
/// averaged over queries, then over subspaces without weights.
/// </summary>
public static class NeighborDistance
{
    /// <summary>
    /// <c>L(R) = 1/(S B) Σ_s Σ_b ‖(q_b − k_{s,b}) R_s‖₂</c> for neighbours that were found before and are held constant; the
    /// gradient flows through R on both sides. A zero distance contributes a zero gradient.
    /// </summary>
    /// <param name="queries">[query, d_model]</param>
    /// <param name="neighbours">Nearest key of every query in every subspace, not rotated. [unit, query, d_model]</param>
    /// <param name="rotation">R. [d_model, d_model]</param>
    /// <param name="sizes">Columns of each subspace.</param>
    /// <returns>Scalar.</returns>
    public static Tensor Loss(Tensor queries, Tensor neighbours, Tensor rotation, IReadOnlyList<int> sizes)
    {
        using var scope = NewDisposeScope();
        var distances = sizes.Select((size, unit) =>
        {
            var basis = rotation.narrow(1, sizes.Take(unit).Sum(), size);           // [d_model, d_unit]
            return linalg.vector_norm(queries.matmul(basis) - neighbours[unit].matmul(basis), 2, [-1]).mean();
        });
        return stack([.. distances], dim: 0).mean().MoveToOuterDisposeScope();
    }

    /// <summary>Mean nearest distance of every subspace, for queries against keys from the same buffer.</summary>
    /// <param name="buffer">Gives queries and keys.</param>
    /// <param name="rotation">R. [d_model, d_model]</param>
    /// <param name="sizes">Columns of each subspace.</param>
    /// <param name="batches">How many batches of queries.</param>
    /// <param name="batchSize">Queries in a batch.</param>
    /// <param name="keyBlocks">Blocks of keys for every batch.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    public static double[] Evaluate(ActivationBuffer buffer, Tensor rotation, IReadOnlyList<int> sizes, int batches, int batchSize, int keyBlocks, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var sums = new double[sizes.Count];
        for (var batch = 0; batch < batches; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var queries = buffer.TakeQueries(batchSize).to(rotation.dtype);
            var (_, distances) = NeighborSearch.Nearest(queries, buffer.Keys(keyBlocks), rotation, sizes);
            for (var unit = 0; unit < sizes.Count; unit++)
                sums[unit] += distances[unit].mean().to(float64).item<double>();
        }

        return [.. sums.Select(sum => sum / batches)];
    }
}
