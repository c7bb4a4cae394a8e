using static SubspaceCircuits.Training.Engine.Lanes;

namespace SubspaceCircuits.Training.Engine;

/// <summary>What the linear maps of a pass share: parameters, their transposes, and the gradient that is added to.</summary>
/// <param name="Values">All parameters.</param>
/// <param name="Transposed">Every matrix transposed, at the same place.</param>
/// <param name="Gradient">Gradient of all parameters.</param>
internal sealed record Parameters(float[] Values, float[] Transposed, float[] Gradient)
{
    /// <summary><c>y = x W + b</c>. [row, columns of W]</summary>
    public float[] Map(float[] x, int rows, Slice w, Slice b, ref float[] y)
    {
        Ensure(ref y, rows * w.Stride);
        FillRows(y, rows, w.Stride, Values.AsSpan(b.Start, b.Length));
        MatrixProduct.Add(ref At(x), w.Rows, 1, ref At(Values, w.Start), w.Stride, ref At(y), w.Stride, rows, w.Stride, w.Rows);
        return y;
    }

    /// <summary>Gradients of W and b; both are added to.</summary>
    public void MapGradient(float[] x, float[] dy, int rows, Slice w, Slice b)
    {
        AddRows(dy, rows, w.Stride, ref At(Gradient, b.Start));
        MatrixProduct.Add(ref At(x), 1, w.Rows, ref At(dy), w.Stride, ref At(Gradient, w.Start), w.Stride, w.Rows, w.Stride, rows);
    }

    /// <summary><c>dx += dy Wᵀ</c>. [row, rows of W]</summary>
    public void MapBackward(float[] dy, int rows, Slice w, float[] dx) =>
        MatrixProduct.Add(ref At(dy), w.Stride, 1, ref At(Transposed, w.Start), w.Rows, ref At(dx), w.Rows, rows, w.Rows, w.Stride);

    /// <summary>A buffer of zeros.</summary>
    public static float[] Zeros(ref float[] buffer, int length)
    {
        Ensure(ref buffer, length).AsSpan(0, length).Clear();
        return buffer;
    }
}
