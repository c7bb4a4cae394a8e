namespace SubspaceCircuits.Scores;

/// <summary>Capture weighted by variance: <c>U Uᵀ</c> replaced by the covariance of what the subspace holds, so that dead directions count nothing.</summary>
internal static class Variance
{
    /// <summary><c>Σ tr(P_π(i)ᵀ Σ_i P_π(i)) / Σ tr(Σ_i)</c>; null unless all have a covariance and something varies. No block captures nothing.</summary>
    /// <param name="truth">The true subspaces.</param>
    /// <param name="matches">π: the block of each, or null.</param>
    /// <param name="blocks">Orthonormal bases. [d_model, m_j] each</param>
    public static double? Captured(IReadOnlyList<TrueSubspace> truth, int?[] matches, IReadOnlyList<Tensor> blocks)
    {
        using var scope = NewDisposeScope();
        var (captured, total) = (0.0, 0.0);
        for (var i = 0; i < truth.Count; i++)
        {
            if (truth[i].Covariance is not { } given)
                return null;
            var covariance = given.to(float64).cpu(); // [d_model, d_model]
            total += covariance.trace().item<double>();
            if (matches[i] is { } block)
                captured += (blocks[block] * covariance.matmul(blocks[block])).sum().item<double>();
        }

        return total > 0 ? captured / total : null;
    }
}
