using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits;

/// <summary>
/// A head's attention score as a sum over pairs of subspaces: <c>S_ij = R_iᵀ N W_Q W_Kᵀ Nᵀ R_j / √d_head</c> (Elhage et al. 2021, "QK
/// circuit", restricted to a query and a key subspace).
/// </summary>
/// <param name="Energy">‖S_ij‖²; adds up to <c>‖N W_Q W_Kᵀ Nᵀ‖²/d_head</c>. [subspace_query, subspace_key]</param>
/// <param name="Variance">Variance of the score due to the pair, <c>tr(Σ_i S_ij Σ_j S_ijᵀ)</c>, logit². [subspace_query, subspace_key]</param>
/// <param name="ConstantVariance">Variance due to the key subspace and the constant part of the query (its mean and biases), logit². [subspace_key]</param>
public sealed record QkBlocks(double[,] Energy, double[,] Variance, double[] ConstantVariance)
{
    /// <summary>The blocks of one head.</summary>
    /// <param name="read">Partition at the site it reads.</param>
    /// <param name="map">What it sees of that site.</param>
    /// <param name="attention">Weights of its layer.</param>
    /// <param name="head">Which head.</param>
    public static QkBlocks Of(Partition read, ReadMap map, AttentionWeights attention, int head)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var wQ = attention.WQ[head].to(float64);
        var dHead = wQ.shape[1];
        var allQueries = cat([map.Rotated(read, wQ), (map.Constant.matmul(wQ) + attention.BQ[head].to(float64)).unsqueeze(0)], dim: 0) / Math.Sqrt(dHead); // [d_model + 1, d_head]
        var (queriesAndConstant, keys) = Blocks.Orthonormal(allQueries, map.Rotated(read, attention.WK[head]));
        var (queries, constant) = (queriesAndConstant.narrow(0, 0, keys.shape[0]), queriesAndConstant.narrow(0, keys.shape[0], 1)); // [d_model, d_head], [1, d_head]
        var covariance = map.CovarianceWithin(read);
        var keyGrams = Blocks.Grams(keys, covariance, read);              // [unit, d_head, d_head]
        var constantGram = constant.T.matmul(constant).unsqueeze(0);      // [1, d_head, d_head]

        var constantVariance = Blocks.InnerProducts(constantGram, keyGrams);
        return new QkBlocks(
            Blocks.InnerProducts(Blocks.Grams(queries, null, read), Blocks.Grams(keys, null, read)),
            Blocks.InnerProducts(Blocks.Grams(queries, covariance, read), keyGrams),
            [.. Enumerable.Range(0, read.Count).Select(j => constantVariance[0, j])]);
    }
}
