namespace SubspaceCircuits.Subspaces;

/// <summary>For every query and subspace the nearest key in that subspace, among blocks of keys that stream by.</summary>
public static class NeighborSearch
{
    /// <summary>
    /// Finds <c>argmin_k ‖(q − k) R_s‖₂</c> for every subspace s and query q, among all keys; on ties the key met first wins.
    /// Nothing is differentiated.
    /// </summary>
    /// <param name="queries">[query, d_model]</param>
    /// <param name="keyBlocks">Blocks of keys [key, d_model], in their storage type; converted block by block.</param>
    /// <param name="rotation">R. [d_model, d_model]</param>
    /// <param name="sizes">Columns of each subspace.</param>
    /// <returns>Nearest keys, not rotated [unit, query, d_model], and their distances [unit, query].</returns>
    /// <exception cref="ArgumentException">There is no key block.</exception>
    /// <remarks>
    /// libtorch compares keys by <c>|q|² + |k|² − 2qk</c>, which rounds: keys whose squared distances differ by less than about
    /// <c>ε (|q|² + |k|²)</c> may change places. The distance to the key that was chosen is free of this.
    /// </remarks>
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
            var found = rotatedQueries.Zip(rotatedKeys, (q, k) => (Query: q, Keys: k, Index: cdist(q, k).argmin(1))).ToArray();
            var blockDistances = stack([.. found.Select(unit => linalg.vector_norm(unit.Query - unit.Keys.index_select(0, unit.Index), 2, [-1]))], dim: 0); // [unit, query]
            var blockNearest = stack([.. found.Select(unit => keys.index_select(0, unit.Index))], dim: 0);     // [unit, query, d_model]
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
