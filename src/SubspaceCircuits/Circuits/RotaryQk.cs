using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits;

/// <summary>
/// A head's score blocks in a model with rotary positions (Su et al. 2021), <c>S_ij(Δ) = R_iᵀ N W_Q Rot(Δ) W_Kᵀ Nᵀ R_j / √d_head</c>: one energy for every distance Δ from
/// the key to the query, since a single number hides heads that look at positions.
/// </summary>
/// <param name="Distances">Δ, position of the query less that of the key.</param>
/// <param name="Energies">‖S_ij(Δ)‖² at every distance. [subspace_query, subspace_key]</param>
public sealed record RotaryQk(IReadOnlyList<int> Distances, IReadOnlyList<double[,]> Energies)
{
    /// <summary>Energies at every distance, from Gram matrices of d_head × d_head.</summary>
    /// <param name="queries"><c>Rᵀ N W_Q/√d_head</c>, rows grouped by subspace. [d_model, d_head]</param>
    /// <param name="keys"><c>Rᵀ N W_K</c>, rows grouped by subspace. [d_model, d_head]</param>
    /// <param name="site">The subspaces.</param>
    /// <param name="settings">How positions turn the head's coordinates.</param>
    /// <param name="distances">Δ.</param>
    /// <exception cref="ArgumentException">The rotary dimensions are odd or more than the head has.</exception>
    public static RotaryQk Of(Tensor queries, Tensor keys, Partition site, RotarySettings settings, IReadOnlyList<int> distances)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var dHead = (int)queries.shape[1];
        if (settings.Dimensions < 0 || settings.Dimensions % 2 != 0 || settings.Dimensions > dHead)
            throw new ArgumentException($"The rotary dimensions should be even and at most {dHead}, the size of the head, but are {settings.Dimensions}.");
        Tensor queryGrams = Blocks.Grams(queries.to(float64), null, site), keyGrams = Blocks.Grams(keys.to(float64), null, site); // [unit, d_head, d_head]
        return new RotaryQk([.. distances], [.. distances.Select(distance =>
        {
            using var each = NewDisposeScope();
            var turn = settings.Turn(distance, dHead);
            return Blocks.InnerProducts(queryGrams, turn.matmul(keyGrams).matmul(turn.T)); // ‖A Rot Bᵀ‖² = ⟨AᵀA, Rot BᵀB Rotᵀ⟩
        })]);
    }

    /// <summary>Mean over the distances. [subspace_query, subspace_key]</summary>
    public double[,] Mean() => PerPair(energies => energies.Average());

    /// <summary>The distance at which a pair has the most energy; the first of equals. [subspace_query, subspace_key]</summary>
    public int[,] Peak() => PerPair(energies => Distances[Array.IndexOf(energies, energies.Max())]);

    private T[,] PerPair<T>(Func<double[], T> of)
    {
        var result = new T[Energies[0].GetLength(0), Energies[0].GetLength(1)];
        for (var i = 0; i < result.GetLength(0); i++)
        {
            for (var j = 0; j < result.GetLength(1); j++)
                result[i, j] = of([.. Energies.Select(energy => energy[i, j])]);
        }

        return result;
    }
}
