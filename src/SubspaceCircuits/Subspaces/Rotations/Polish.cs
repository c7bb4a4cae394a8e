using System.Numerics;

namespace SubspaceCircuits.Subspaces.Rotations;

/// <summary>One iteration of Newton and Schulz towards the nearest orthogonal matrix, <c>R ← R (3 − RᵀR)/2</c> (Higham 2008, §8.3): an error e becomes ¾ e².</summary>
internal sealed class Polish<T>(int d, ISquareProduct<T> product)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly T[] _turned = new T[d * d], _gram = new T[d * d], _result = new T[d * d];

    /// <summary>Polishes in place.</summary>
    /// <param name="rotation">Nearly orthogonal. [d, d]</param>
    public void Apply(T[] rotation)
    {
        Matrices.Transpose(rotation, _turned, d);
        product.Multiply(_turned, rotation, _gram);
        // The correction is small, so that its rounding does not matter: R + R (1 − RᵀR)/2.
        var half = T.CreateTruncating(-0.5);
        for (var i = 0; i < d; i++)
            _gram[i * d + i] = T.CreateTruncating(SquaredNorm(_turned.AsSpan(i * d, d)) - 1); // in float64: a sum near 1 would round to more than what is left
        for (var at = 0; at < _gram.Length; at++)
            _gram[at] *= half;
        product.Multiply(rotation, _gram, _result);
        for (var at = 0; at < rotation.Length; at++)
            rotation[at] += _result[at];
    }

    private static double SquaredNorm(ReadOnlySpan<T> column)
    {
        var sum = 0.0;
        foreach (var value in column)
            sum += double.CreateTruncating(value) * double.CreateTruncating(value);
        return sum;
    }
}
