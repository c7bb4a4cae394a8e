namespace SubspaceCircuits.Subspaces.Published;

/// <summary>The loss of Neighbor Distance Minimization with automatic differentiation. The baseline of benchmarks and an oracle of tests, not for use.</summary>
internal static class EagerNeighborDistance
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
}
