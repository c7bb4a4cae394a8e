using SubspaceCircuits.Circuits.Mlps;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits.Mlps;

/// <summary>Closed forms and quadrature against integrals over the neuron's value of g itself, derivatives by integration by parts.</summary>
public sealed class GaussianActivationTests
{
    // E[g z], E[g (z² − 1)] by the trapezoidal rule, exact for GELU to rounding; ReLU's kink errs by the square of the step, over s and s².
    [Theory]
    [InlineData(Activation.Relu, 1e-6)]
    [InlineData(Activation.Gelu, 1e-8)]
    [InlineData(Activation.GeluNew, 1e-8)]
    public void Means_are_those_of_numerical_integration(Activation activation, double tolerance)
    {
        using var scope = NewDisposeScope();
        var mean = tensor(new[] { -3.0, -0.7, 0, 0.4, 2.5, -1.1, 4 });
        var deviation = tensor(new[] { 0.5, 1.3, 1, 0.2, 3, 0.1, 10 });

        var z = linspace(-9, 9, 200_001, dtype: float64).unsqueeze(-1);
        var g = Activate(activation, mean + deviation * z);
        Tensor Integral(Tensor f) => (f * (-0.5 * z.square()).exp()).sum(dim: 0) * (18.0 / 200_000) / Math.Sqrt(2 * Math.PI);
        Near.Equal(Integral(g), GaussianActivation.Mean(activation, mean, deviation.square()), tolerance);
        Near.Equal(Integral(g * z) / deviation, GaussianActivation.MeanSlope(activation, mean, deviation.square()), tolerance);
        Near.Equal(Integral(g * (z.square() - 1)) / deviation.square(), GaussianActivation.MeanCurvature(activation, mean, deviation.square()), tolerance);
    }

    [Fact]
    public void Quadrature_holds_for_neurons_that_vary_much()
    {
        using var scope = NewDisposeScope();
        var (mean, deviation) = (tensor(new[] { 1.0, -20, 12 }), tensor(new[] { 10.0, 20, 30 }));

        // Over the neuron's value, where the step does not grow with s.
        var a = linspace(-400, 400, 800_001, dtype: float64).unsqueeze(-1);
        var density = (-0.5 * ((a - mean) / deviation).square()).exp() / (deviation * Math.Sqrt(2 * Math.PI));
        Near.Equal((Activate(Activation.GeluNew, a) * density).sum(dim: 0) * 0.001, GaussianActivation.Mean(Activation.GeluNew, mean, deviation.square()), 1e-8);
    }

    [Theory]
    [InlineData(Activation.Relu, 0)]
    [InlineData(Activation.Gelu, 1e-6)]
    [InlineData(Activation.GeluNew, 1e-6)]
    public void Without_variance_they_are_the_values_at_the_mean(Activation activation, double tolerance)
    {
        using var scope = NewDisposeScope();
        var (mean, none) = (tensor(new[] { -2.0, -0.3, 0.8, 3 }), zeros(4, dtype: float64));
        const double step = 1e-4;

        Tensor above = Activate(activation, mean + step), at = Activate(activation, mean), below = Activate(activation, mean - step);
        Near.Equal(at, GaussianActivation.Mean(activation, mean, none), 1e-12);
        Near.Equal((above - below) / (2 * step), GaussianActivation.MeanSlope(activation, mean, none), 1e-8);
        Near.Equal(activation is Activation.Relu ? none : (above - 2 * at + below) / (step * step), GaussianActivation.MeanCurvature(activation, mean, none), tolerance);
    }

    [Fact]
    public void At_the_kink_a_neuron_that_does_not_vary_has_half_the_slope_and_no_curvature()
    {
        using var scope = NewDisposeScope();
        var zero = zeros(1, dtype: float64);

        Assert.Equal(0.5, GaussianActivation.MeanSlope(Activation.Relu, zero, zero).item<double>());
        Assert.Equal(0, GaussianActivation.MeanCurvature(Activation.Relu, zero, zero).item<double>());
    }

    /// <summary>What is said in the documentation of the error that GELU's formulas would make.</summary>
    [Fact]
    public void The_tanh_approximation_differs_from_gelu_by_what_is_said()
    {
        using var scope = NewDisposeScope();
        var mean = linspace(-6, 6, 121, dtype: float64).unsqueeze(-1).expand(121, 40).reshape(-1);
        var variance = linspace(0, 4, 40, dtype: float64).square().expand(121, 40).reshape(-1);

        double Difference(Func<Activation, Tensor, Tensor, Tensor> moment) => Near.Difference(moment(Activation.Gelu, mean, variance), moment(Activation.GeluNew, mean, variance));
        Assert.InRange(Difference(GaussianActivation.Mean), 4e-4, 5e-4);
        Assert.InRange(Difference(GaussianActivation.MeanSlope), 5e-4, 2e-3);
    }

    private static Tensor Activate(Activation activation, Tensor a) => activation switch
    {
        Activation.Relu => a.relu(),
        Activation.Gelu => nn.functional.gelu(a),
        _ => 0.5 * a * (1 + (Math.Sqrt(2 / Math.PI) * (a + 0.044715 * a.pow(3))).tanh()),
    };
}
