namespace SubspaceCircuits.Subspaces;

/// <summary>For every query and subspace the nearest key in that subspace, among blocks of keys that stream by.</summary>
public static class NeighborSearch
{
    /// <summary>
    /// Finds <c>argmin_k ‖(q − k) R_s‖₂</c> for every subspace s and query q. Exact, by libtorch's pairwise distances; on ties the
    /// key met first wins. Nothing is differentiated.
    /// </summary>
    /// <param name="queries">[query, d_model]</param>
    /// <param name="keyBlocks">Blocks of keys [key, d_model], in their storage type; converted block by block.</param>
    /// <param name="rotation">R. [d_model, d_model]</param>
    /// <param name="sizes">Columns of each subspace.</param>
    /// <returns>Nearest keys, not rotated [unit, query, d_model], and their distances [unit, query].</returns>
    /// <exception cref="ArgumentException">There is no key block.</exception>
    public static (Tensor Keys, Tensor Distances) Nearest(Tensor queries, IEnumerable<Tensor> keyBlocks, Tensor rotation, IReadOnlyList<int> sizes)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var split = sizes.Select(size => (long)size).ToArray();
        var rotatedQueries = queries.matmul(rotation).split(split, dim: 1);
        Tensor? nearest = null, distances = null;
        foreach (var block in keyBlocks)
        {
            using var step = NewDisposeScope();
            var keys = block.to(queries.dtype);
            var rotatedKeys = keys.matmul(rotation).split(split, dim: 1);
            var found = rotatedQueries.Zip(rotatedKeys, (q, k) => cdist(q, k).min(1)).ToArray();
            var blockDistances = stack([.. found.Select(pair => pair.values)], dim: 0);                        // [unit, query]
            var blockNearest = stack([.. found.Select(pair => keys.index_select(0, pair.indexes))], dim: 0);   // [unit, query, d_model]
            if (nearest is not null && distances is not null)
            {
                var isNearer = blockDistances.lt(distances);
                blockNearest = blockNearest.where(isNearer.unsqueeze(-1), nearest);
                blockDistances = blockDistances.where(isNearer, distances);
            }

            (nearest, distances) = (blockNearest.MoveToOuterDisposeScope(), blockDistances.MoveToOuterDisposeScope());
        }

        if (nearest is null || distances is null)
            throw new ArgumentException("The search needs at least one block of keys.");
        return (nearest.MoveToOuterDisposeScope(), distances.MoveToOuterDisposeScope());
    }
}
