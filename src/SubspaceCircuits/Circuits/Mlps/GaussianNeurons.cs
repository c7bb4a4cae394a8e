using SubspaceCircuits.Models;

namespace SubspaceCircuits.Circuits.Mlps;

/// <summary>
/// The neurons of an MLP for a Gaussian stream <c>x = μ + u</c>: neuron n sees <c>a_n = m_n + w_nᵀu</c> with variance s_n², and by its Hermite expansion answers
/// <c>g(a_n) = E[g] + E[g'] w_nᵀu + ½ E[g''] ((w_nᵀu)² − s_n²) + …</c>, terms that do not correlate.
/// </summary>
/// <param name="Reads">Columns w_n, in the basis of the covariance. [d_model, d_mlp]</param>
/// <param name="Mean">m. [d_mlp]</param>
/// <param name="Variance">s². [d_mlp]</param>
/// <param name="Activation">g.</param>
/// <param name="Slope">E[g']. [d_mlp]</param>
/// <param name="Curvature">E[g'']. [d_mlp]</param>
internal sealed record GaussianNeurons(Tensor Reads, Tensor Mean, Tensor Variance, Activation Activation, Tensor Slope, Tensor Curvature)
{
    /// <summary>Neurons in the caller's dispose scope, float64.</summary>
    /// <param name="reads">Columns w_n, in any basis. [d_model, d_mlp]</param>
    /// <param name="map">What the MLP sees of the read site.</param>
    /// <param name="mlp">Weights.</param>
    /// <param name="activation">g.</param>
    /// <param name="covariance">Of the stream, in the basis of <paramref name="reads"/>. [d_model, d_model]</param>
    public static GaussianNeurons Of(Tensor reads, ReadMap map, MlpWeights mlp, Activation activation, Tensor covariance)
    {
        var mean = map.Constant.matmul(mlp.WIn.to(float64)) + mlp.BIn.to(float64);
        var variance = (reads * covariance.matmul(reads)).sum(dim: 0).clamp_min(0);
        return new(reads, mean, variance, activation, GaussianActivation.MeanSlope(activation, mean, variance), GaussianActivation.MeanCurvature(activation, mean, variance));
    }

    /// <summary>First order: <c>E[g'] y</c>.</summary>
    /// <param name="y">w_nᵀu. [row, d_mlp]</param>
    public Tensor Linear(Tensor y) => Slope * y;

    /// <summary>Second order: <c>½ E[g''] (y² − s²)</c>.</summary>
    /// <param name="y">w_nᵀu. [row, d_mlp]</param>
    public Tensor Quadratic(Tensor y) => 0.5 * Curvature * (y.square() - Variance);

    /// <summary>All orders from the third: <c>g(m + y) − E[g]</c> less the first two.</summary>
    /// <param name="y">w_nᵀu. [row, d_mlp]</param>
    public Tensor Rest(Tensor y) =>
        Transformer.Activate(Activation, Mean + y) - GaussianActivation.Mean(Activation, Mean, Variance) - Linear(y) - Quadratic(y);
}
