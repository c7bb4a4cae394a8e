namespace SubspaceCircuits.Subspaces.Published;

/// <summary>Nearest keys with libtorch, operation by operation as the published code has them. The baseline of benchmarks, not for use.</summary>
internal static class EagerNeighborSearch
{
    /// <summary>Finds <c>argmin_k ‖(q − k) R_s‖₂</c>: keys are rotated block by block, <c>cdist</c>, <c>min</c>, and where a block has a nearer key, its row is taken.</summary>
    /// <param name="queries">[query, d_model]</param>
    /// <param name="keyBlocks">Blocks of keys [key, d_model], in their storage type.</param>
    /// <param name="rotation">R. [d_model, d_model]</param>
    /// <param name="sizes">Columns of each subspace.</param>
    /// <returns>Nearest keys, not rotated [unit, query, d_model], and their distances [unit, query].</returns>
    public static (Tensor Keys, Tensor Distances) Nearest(Tensor queries, IEnumerable<Tensor> keyBlocks, Tensor rotation, IReadOnlyList<int> sizes)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var split = sizes.Select(size => (long)size).ToArray();
        var rotatedQueries = queries.matmul(rotation).split(split, dim: 1);
        var nearest = empty(sizes.Count, queries.shape[0], queries.shape[1], dtype: queries.dtype, device: queries.device);
        var distances = full(sizes.Count, queries.shape[0], double.PositiveInfinity, dtype: queries.dtype, device: queries.device);
        foreach (var block in keyBlocks)
        {
            using var step = NewDisposeScope();
            var keys = block.to(queries.dtype);
            var rotatedKeys = keys.matmul(rotation).split(split, dim: 1);
            for (var unit = 0; unit < sizes.Count; unit++)
            {
                var (least, index) = cdist(rotatedQueries[unit], rotatedKeys[unit]).min(1);
                var nearer = least.lt(distances[unit]);
                distances[unit] = least.where(nearer, distances[unit]);
                nearest[unit] = keys.index_select(0, index).where(nearer.unsqueeze(-1), nearest[unit]);
            }
        }

        return (nearest.MoveToOuterDisposeScope(), distances.MoveToOuterDisposeScope());
    }
}
