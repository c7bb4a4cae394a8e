using System.Numerics;

namespace SubspaceCircuits.Subspaces.Rotations;

/// <summary>
/// The exponential of a skew-symmetric matrix and the gradient through it. Owns nothing but arrays; products are the caller's.
/// </summary>
/// <remarks>
/// With <c>A = 2^s X</c> and X small: <c>exp X = C + S</c>, C and S the even and odd Taylor polynomials in <c>Y = X²</c>, then s squarings.
/// The gradient needs no differentiation of that: for skew A and <c>M = skew(Rᵀ ∂L/∂R)</c>, <c>∂L/∂A = φ(ad_A) M</c>, <c>φ(z) = (e^z − 1)/z</c>,
/// since <c>d exp(A) = exp(A) φ(−ad_A) dA</c> (Rossmann 2002, §1.2) and ad_A is skew itself. By <c>φ(2z) = φ(z) (e^z + 1)/2</c> and
/// <c>e^{ad_X} M = e^X M e^{−X}</c> the squarings' matrices serve again; a term of the series costs one product, for <c>[X, M] = XM − (XM)ᵀ</c>.
/// </remarks>
internal sealed class SkewExponential<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const double Small = 0.35;
    private const int MostSquarings = 12, MostTerms = 30;

    private readonly int _d;
    private readonly ISquareProduct<T> _product;
    private readonly T[] _small, _square, _fourth, _even, _odd, _left, _right;
    private readonly List<T[]> _powers = [];
    private readonly double _accuracy = double.CreateTruncating(T.BitIncrement(T.One) - T.One);
    private int _squarings;
    private double _norm;

    public SkewExponential(int d, ISquareProduct<T> product)
    {
        (_d, _product) = (d, product);
        (_small, _square, _fourth, _even, _odd, _left, _right) = (new T[d * d], new T[d * d], new T[d * d], new T[d * d], new T[d * d], new T[d * d], new T[d * d]);
    }

    /// <summary><c>exp A</c>, which also prepares <see cref="Gradient"/>.</summary>
    /// <param name="lower">A below the diagonal. [d, d]</param>
    /// <returns>[d, d], overwritten by the next call.</returns>
    public T[] Of(T[] lower)
    {
        Fill(lower, T.One);
        _norm = SpectralBound();
        _squarings = _norm <= Small ? 0 : Math.Min(MostSquarings, (int)Math.Ceiling(Math.Log2(_norm / Small)));
        var scale = Math.ScaleB(1, -_squarings);
        Fill(lower, T.CreateTruncating(scale));
        _norm *= scale;

        while (_powers.Count <= _squarings)
            _powers.Add(new T[_d * _d]);
        Taylor(_powers[0]);
        for (var i = 0; i < _squarings; i++)
            _product.Multiply(_powers[i], _powers[i], _powers[i + 1]);
        return _powers[_squarings];
    }

    /// <summary>∂L/∂A of the last A, as the gradient of its entries below the diagonal.</summary>
    /// <param name="m"><c>Rᵀ ∂L/∂R</c>, of which the skew part counts. [d, d]; overwritten.</param>
    /// <returns>[d, d], below the diagonal; overwritten by the next call.</returns>
    public T[] Gradient(T[] m)
    {
        // Twice the skew part: an entry below the diagonal and its mirror image move together.
        Matrices.Skew(m, _odd, _d);
        var (now, next) = (_odd, _even);
        for (var i = _squarings - 1; i >= 0; i--)
        {
            _product.Multiply(_powers[i], now, _left);
            Matrices.Transpose(_powers[i], _right, _d);
            _product.Multiply(_left, _right, next);
            var half = T.CreateTruncating(0.5);
            for (var at = 0; at < now.Length; at++)
                next[at] = half * (now[at] + next[at]);
            (now, next) = (next, now);
        }

        // φ(ad_X): terms ad_X^k M/(k+1)!, each at most (2‖X‖)^k/(k+1)! of M.
        now.CopyTo(m, 0);
        var bound = 1.0;
        for (var k = 1; k < 40; k++)
        {
            bound *= 2 * _norm / (k + 1);
            if (bound < 0.25 * _accuracy)
                break;
            _product.Multiply(_small, now, _left);
            Matrices.Skew(_left, next, _d);
            var factor = T.One / T.CreateTruncating(k + 1);
            for (var at = 0; at < m.Length; at++)
            {
                next[at] *= factor;
                m[at] += next[at];
            }

            (now, next) = (next, now);
        }

        return m;
    }

    private void Fill(T[] lower, T scale)
    {
        for (var i = 0; i < _d; i++)
        {
            _small[i * _d + i] = T.Zero;
            for (var j = 0; j < i; j++)
            {
                var value = scale * lower[i * _d + j];
                _small[i * _d + j] = value;
                _small[j * _d + i] = -value;
            }
        }
    }

    /// <summary>A bound on <c>‖A‖₂</c> through <c>‖A²‖_F^{1/2}</c>, no greater than <c>d^{1/4}</c> times too great.</summary>
    private double SpectralBound()
    {
        _product.Multiply(_small, _small, _square);
        var sum = 0.0;
        foreach (var value in _square)
            sum += double.CreateTruncating(value * value);
        return Math.Sqrt(Math.Sqrt(sum));
    }

    private void Taylor(T[] target)
    {
        // Y = X² is at hand, up to the scale.
        var scale = T.CreateTruncating(Math.ScaleB(1, -2 * _squarings));
        for (var at = 0; at < _square.Length; at++)
            _square[at] *= scale;
        var degree = 1;
        for (var bound = _norm * _norm / 2; bound > 0.25 * _accuracy && degree < MostTerms; bound *= _norm * _norm / ((2 * degree - 1) * (2 * degree)))
            degree++;

        if (degree > 1)
            _product.Multiply(_square, _square, _fourth);
        Polynomial(_even, degree, odd: 0);
        Polynomial(_odd, degree, odd: 1);
        _product.Multiply(_small, _odd, target);
        for (var at = 0; at < target.Length; at++)
            target[at] += _even[at];
    }

    /// <summary><c>Σ_k Y^k/(2k + odd)!</c>, two powers at a time (Paterson and Stockmeyer 1973).</summary>
    private void Polynomial(T[] sum, int degree, int odd)
    {
        Span<double> factors = stackalloc double[degree + 1];
        factors[0] = 1;
        for (var k = 1; k <= degree; k++)
            factors[k] = factors[k - 1] / ((2 * k - 1 + odd) * (2 * k + odd));

        var top = degree % 2 == 0 ? degree - 2 : degree - 1;
        for (var k = Math.Max(0, top); k >= 0; k -= 2)
        {
            T one = T.CreateTruncating(factors[k]), y = degree > k ? T.CreateTruncating(factors[k + 1]) : T.Zero;
            if (k == top)
            {
                var y2 = degree > k + 1 ? T.CreateTruncating(factors[k + 2]) : T.Zero;
                for (var at = 0; at < sum.Length; at++)
                    sum[at] = y * _square[at] + y2 * _fourth[at];
            }
            else
            {
                _product.Multiply(_fourth, sum, _left);
                for (var at = 0; at < sum.Length; at++)
                    sum[at] = y * _square[at] + _left[at];
            }

            for (var i = 0; i < _d; i++)
                sum[i * _d + i] += one;
        }
    }
}
