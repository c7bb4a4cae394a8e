using SubspaceCircuits.Models;

namespace SubspaceCircuits.Circuits.Mlps;

/// <summary>
/// Means of a non-linearity g and of its first two derivatives over <c>a ~ N(m, s²)</c>: with them a neuron's Hermite expansion begins. With Φ and φ of the
/// standard normal distribution and <c>t = m/√(1 + s²)</c>:
/// <list type="table">
/// <item><term>ReLU</term><description><c>m Φ(m/s) + s φ(m/s)</c>, <c>Φ(m/s)</c>, <c>φ(m/s)/s</c></description></item>
/// <item><term>GELU</term><description><c>m Φ(t) + s² φ(t)/√(1 + s²)</c>, <c>Φ(t) + t φ(t)/(1 + s²)</c>, <c>φ(t)/√(1 + s²) · (1 + (1 − t²)/(1 + s²))</c></description></item>
/// <item><term>tanh approximation of GELU</term><description>numerical integration, as no closed form is known: to 1e-12 for s ≤ 10, to 1e-8 for s ≤ 30</description></item>
/// </list>
/// </summary>
/// <remarks>
/// Without variance they are g, g' and g'' at m, but for ReLU's kink: there the slope at <c>m = 0</c> is ½, and the curvature of a neuron that does not vary is 0.
/// In place of the tanh approximation the formulas of GELU would be wrong by up to 5e-4 in the mean and 2e-3 in the slope.
/// </remarks>
public static class GaussianActivation
{
    // The trapezoidal rule on a function that is analytic in a strip of width w errs by exp(−2πw/h); tanh's poles leave a width of about 2.5/s.
    private const double Reach = 10;
    private const int Nodes = 801;

    private static readonly double Kappa = Math.Sqrt(2 / Math.PI);

    /// <summary><c>E[g(a)]</c>.</summary>
    /// <param name="activation">g.</param>
    /// <param name="mean">m. [d_mlp], float64</param>
    /// <param name="variance">s². [d_mlp], float64</param>
    /// <returns>[d_mlp]</returns>
    public static Tensor Mean(Activation activation, Tensor mean, Tensor variance)
    {
        using var scope = NewDisposeScope();
        var (deviation, spread, t) = Standard(mean, variance);
        return (activation switch
        {
            Activation.Relu => mean * Normal(mean / deviation) + variance.sqrt() * Density(mean / deviation),
            Activation.Gelu => mean * Normal(t) + variance / spread * Density(t),
            _ => Integral(mean, variance, a => Transformer.Activate(activation, a)),
        }).MoveToOuterDisposeScope();
    }

    /// <summary><c>E[g'(a)]</c>.</summary>
    /// <param name="activation">g.</param>
    /// <param name="mean">m. [d_mlp], float64</param>
    /// <param name="variance">s². [d_mlp], float64</param>
    /// <returns>[d_mlp]</returns>
    public static Tensor MeanSlope(Activation activation, Tensor mean, Tensor variance)
    {
        using var scope = NewDisposeScope();
        var (deviation, _, t) = Standard(mean, variance);
        return (activation switch
        {
            Activation.Relu => Normal(mean / deviation),
            Activation.Gelu => Normal(t) + t * Density(t) / (1 + variance),
            _ => Integral(mean, variance, a =>
            {
                var (tanh, slope, _) = Tanh(a);
                return 0.5 * (1 + tanh + a * slope);
            }),
        }).MoveToOuterDisposeScope();
    }

    /// <summary><c>E[g''(a)]</c>.</summary>
    /// <param name="activation">g.</param>
    /// <param name="mean">m. [d_mlp], float64</param>
    /// <param name="variance">s². [d_mlp], float64</param>
    /// <returns>[d_mlp]</returns>
    public static Tensor MeanCurvature(Activation activation, Tensor mean, Tensor variance)
    {
        using var scope = NewDisposeScope();
        var (deviation, spread, t) = Standard(mean, variance);
        return (activation switch
        {
            Activation.Relu => where(variance.gt(0), Density(mean / deviation) / deviation, zeros_like(mean)),
            Activation.Gelu => Density(t) / spread * (1 + (1 - t.square()) / (1 + variance)),
            _ => Integral(mean, variance, a =>
            {
                var (_, slope, curvature) = Tanh(a);
                return slope + 0.5 * a * curvature;
            }),
        }).MoveToOuterDisposeScope();
    }

    private static (Tensor Deviation, Tensor Spread, Tensor T) Standard(Tensor mean, Tensor variance)
    {
        var spread = (1 + variance).sqrt();
        return (variance.sqrt().clamp_min(1e-12), spread, mean / spread);
    }

    private static Tensor Normal(Tensor x) => 0.5 * (1 + (x / Math.Sqrt(2)).erf());

    private static Tensor Density(Tensor x) => (-0.5 * x.square()).exp() / Math.Sqrt(2 * Math.PI);

    /// <summary><c>tanh(κ(a + 0.044715 a³))</c> with its first two derivatives.</summary>
    private static (Tensor Value, Tensor Slope, Tensor Curvature) Tanh(Tensor a)
    {
        const double cubic = 0.044715;
        var value = (Kappa * (a + cubic * a.pow(3))).tanh();
        var (outer, inner) = (1 - value.square(), Kappa * (1 + 3 * cubic * a.square()));
        return (value, outer * inner, outer * (6 * Kappa * cubic * a - 2 * value * inner.square()));
    }

    /// <summary><c>∫ f(m + s z) φ(z) dz</c>. [d_mlp]</summary>
    private static Tensor Integral(Tensor mean, Tensor variance, Func<Tensor, Tensor> f)
    {
        var z = linspace(-Reach, Reach, Nodes, dtype: float64, device: mean.device).unsqueeze(-1);      // [node, 1]
        return (f(mean + variance.sqrt() * z) * Density(z)).sum(dim: 0) * (2 * Reach / (Nodes - 1));
    }
}
