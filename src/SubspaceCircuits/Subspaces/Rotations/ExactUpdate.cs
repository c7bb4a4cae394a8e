using System.Numerics;

namespace SubspaceCircuits.Subspaces.Rotations;

/// <summary>
/// The published parametrisation, <c>R = Base · exp(A)</c> with <c>A = X − Xᵀ</c> for X below the diagonal and Adam on X; without automatic
/// differentiation. After each step one Newton-Schulz iteration takes rounding out of R.
/// </summary>
internal sealed class ExactUpdate<T> : IRotationUpdate
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly int _d;
    private readonly ISquareProduct<T> _product;
    private readonly SkewExponential<T> _exponential;
    private readonly Polish<T> _polish;
    private readonly Adam<T> _adam;
    private readonly T[] _base, _x, _rotation, _turned, _gradient, _m;
    private readonly float[] _output;

    public ExactUpdate(RotationState state, int d, ISquareProduct<T> product)
    {
        (_d, _product) = (d, product);
        (_exponential, _polish, _adam) = (new(d, product), new(d, product), new(d) { Steps = state.Steps });
        (_base, _x, _rotation, _turned, _gradient, _m, _output) = (new T[d * d], new T[d * d], new T[d * d], new T[d * d], new T[d * d], new T[d * d], new float[d * d]);
        state.Base.Narrow(_base);
        state.X.Narrow(_x);
        state.FirstMoment.Narrow(_adam.First);
        state.SecondMoment.Narrow(_adam.Second);
        Renew();
    }

    public ReadOnlySpan<float> Rotation => _output;

    public double Step(ReadOnlySpan<float> gradient, double learningRate, double clipNorm)
    {
        for (var at = 0; at < _gradient.Length; at++)
            _gradient[at] = T.CreateTruncating(gradient[at]);
        Matrices.Transpose(_rotation, _turned, _d);
        _product.Multiply(_turned, _gradient, _m);
        var norm = _adam.Step(_exponential.Gradient(_m), learningRate, clipNorm, _x);
        Renew();
        return norm;
    }

    public void Rebase()
    {
        _rotation.CopyTo(_base, 0);
        Array.Clear(_x);
        Renew();
    }

    public RotationState State() => new(_base.Widen(), _x.Widen(), _adam.First.Widen(), _adam.Second.Widen(), _adam.Steps);

    public void Dispose() => _product.Dispose();

    private void Renew()
    {
        _product.Multiply(_base, _exponential.Of(_x), _rotation);
        _polish.Apply(_rotation);
        for (var at = 0; at < _output.Length; at++)
            _output[at] = float.CreateTruncating(_rotation[at]);
    }
}
