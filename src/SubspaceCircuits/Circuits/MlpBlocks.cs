using SubspaceCircuits.Circuits.Mlps;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits;

/// <summary>
/// What an MLP moves between subspaces. Variance is to first order: that of the blocks of its mean Jacobian <c>J = N W_in diag(E[g'(a)]) W_out</c> for
/// Gaussian pre-activations with the moments of the site (Stein's lemma). Energy is of the ways through its neurons, <c>Σ_n ‖R_iᵀ N w_in,n‖² ‖w_out,n R'_k‖²</c>:
/// from weights only, blind to scaling of neurons, and zero only where no neuron that reads the one subspace writes the other.
/// </summary>
public static class MlpBlocks
{
    /// <summary>Energy and variance of all blocks.</summary>
    /// <param name="read">Partition at the site it reads.</param>
    /// <param name="write">Partition at the site it writes.</param>
    /// <param name="map">What it sees of the read site.</param>
    /// <param name="mlp">Weights.</param>
    /// <param name="activation">Its non-linearity.</param>
    public static Blocks Of(Partition read, Partition write, ReadMap map, MlpWeights mlp, Activation activation)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var reads = map.Matrix.matmul(mlp.WIn.to(float64));                                              // [d_model, d_mlp]
        var neurons = GaussianNeurons.Of(reads, map, mlp, activation, read.Covariance.to(float64));
        var (rotated, writes) = (read.R.to(float64).T.matmul(reads), mlp.WOut.to(float64).matmul(write.R.to(float64)));
        var (perRead, perWrite) = (Blocks.SumsOf(rotated.square(), 0, read), Blocks.SumsOf(writes.square(), 1, write));   // [unit_read, d_mlp], [d_mlp, unit_write]
        return Blocks.Of(neurons.Linear(rotated).matmul(writes), map.CovarianceWithin(read), read, write) with { Energy = Blocks.ToArray(perRead.matmul(perWrite)) };
    }

    /// <summary><c>E[g'(a)]</c> for <c>a ~ N(m, s²)</c>, as <see cref="GaussianActivation.MeanSlope"/>.</summary>
    /// <param name="activation">g.</param>
    /// <param name="mean">m. [d_mlp], float64</param>
    /// <param name="variance">s². [d_mlp], float64</param>
    /// <returns>[d_mlp]</returns>
    public static Tensor MeanSlope(Activation activation, Tensor mean, Tensor variance) => GaussianActivation.MeanSlope(activation, mean, variance);
}
