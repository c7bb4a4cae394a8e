using System.Numerics;

namespace SubspaceCircuits.Subspaces.Rotations;

/// <summary>
/// Dynamic trivialisation with a new base at every step (Lezcano-Casado 2019): the gradient is taken at A = 0, where it is
/// <c>Rᵀ ∂L/∂R − (Rᵀ ∂L/∂R)ᵀ</c>, and R is multiplied by the exponential of Adam's step Δ.
/// </summary>
/// <remarks>
/// Δ is small (some learning rates), so <c>1 + Δ + Δ²/2</c> is the exponential up to <c>‖Δ‖³/6</c> and orthogonal up to <c>‖Δ‖⁴/4</c>, for two products;
/// larger steps take more terms. Newton-Schulz, <c>R ← R (3 − RᵀR)/2</c>, takes out what is left before it exceeds 2e-7. Cayley's map would need a
/// linear solver for the same order. Adam's moments stay as they are while the base moves: transporting them changes their entries by O(‖Δ‖) a
/// step, less than the noise of a batch.
/// </remarks>
internal sealed class FastUpdate<T> : IRotationUpdate
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int PolishEvery = 16;
    private const double Drift = 2e-7, Large = 1e-4;

    private readonly int _d;
    private readonly ISquareProduct<T> _product;
    private readonly Polish<T> _polish;
    private readonly Adam<T> _adam;
    private readonly T[] _turned, _gradient, _m, _delta;
    private readonly float[] _output;
    private T[] _rotation, _term, _next;
    private double _drift;

    public FastUpdate(RotationState state, int d, ISquareProduct<T> product)
    {
        (_d, _product) = (d, product);
        (_polish, _adam) = (new(d, product), new(d) { Steps = state.Steps });
        (_rotation, _turned, _gradient, _m, _delta, _term, _next, _output) = (new T[d * d], new T[d * d], new T[d * d], new T[d * d], new T[d * d], new T[d * d], new T[d * d], new float[d * d]);
        state.Base.Narrow(_rotation);
        state.FirstMoment.Narrow(_adam.First);
        state.SecondMoment.Narrow(_adam.Second);
        Output();
    }

    public ReadOnlySpan<float> Rotation => _output;

    public double Step(ReadOnlySpan<float> gradient, double learningRate, double clipNorm)
    {
        for (var at = 0; at < _gradient.Length; at++)
            _gradient[at] = T.CreateTruncating(gradient[at]);
        Matrices.Transpose(_rotation, _turned, _d);
        _product.Multiply(_turned, _gradient, _m);
        Matrices.Skew(_m, _gradient, _d);
        Array.Clear(_delta);
        var norm = _adam.Step(_gradient, learningRate, clipNorm, _delta);
        Move();
        Output();
        return norm;
    }

    public void Rebase() => _polish.Apply(_rotation);

    public RotationState State() => new(_rotation.Widen(), new double[_d * _d], _adam.First.Widen(), _adam.Second.Widen(), _adam.Steps);

    public void Dispose() => _product.Dispose();

    private void Move()
    {
        for (var i = 0; i < _d; i++)
        {
            for (var j = 0; j < i; j++)
                _delta[j * _d + i] = -_delta[i * _d + j];
        }

        // R (1 + Δ + Δ²/2 + …) = R + R E. The size of Δ, ‖Δ²‖_F / ‖Δ‖_F, is near its spectral norm.
        _product.Multiply(_delta, _delta, _term);
        double norm = Norm(_delta), size = norm > 0 ? 2 * Norm(_term) / norm : 0;
        var half = T.CreateTruncating(0.5);
        for (var at = 0; at < _term.Length; at++)
        {
            _term[at] *= half;
            _m[at] = _delta[at] + _term[at];
        }

        var bound = size * size / 2;
        for (var degree = 3; bound * size / degree > Large && degree < 40; degree++)
        {
            bound *= size / degree;
            _product.Multiply(_term, _delta, _next);
            var factor = T.One / T.CreateTruncating(degree);
            for (var at = 0; at < _next.Length; at++)
            {
                _next[at] *= factor;
                _m[at] += _next[at];
            }

            (_term, _next) = (_next, _term);
        }

        _product.Multiply(_rotation, _m, _next);
        for (var at = 0; at < _next.Length; at++)
            _rotation[at] += _next[at];
        _drift += bound * bound; // what the polynomial lacks of an orthogonal matrix, ‖Δ‖⁴/4 at degree 2
        if (_adam.Steps % PolishEvery == 0 || _drift > Drift)
        {
            _polish.Apply(_rotation);
            _drift = 0;
        }
    }

    private static double Norm(T[] matrix)
    {
        var sum = 0.0;
        foreach (var value in matrix)
            sum += double.CreateTruncating(value * value);
        return Math.Sqrt(sum);
    }

    private void Output()
    {
        for (var at = 0; at < _output.Length; at++)
            _output[at] = float.CreateTruncating(_rotation[at]);
    }
}
