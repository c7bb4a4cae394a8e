using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>How far the coordinates of any vector in a subspace can have moved since an earlier rotation.</summary>
internal static unsafe class DriftBound
{
    private const int Squarings = 4;

    /// <summary>
    /// A bound on <c>‖R_s − R⁰_s‖₂</c>: with <c>G = WᵀW</c>, <c>‖W‖₂^{2·16} ≤ ‖G^16‖_F</c>, at most <c>p^{1/64}</c> times too great.
    /// </summary>
    /// <param name="now">R, [d_model, stride].</param>
    /// <param name="before">R⁰, [d_model, stride].</param>
    /// <param name="d">d_model.</param>
    /// <param name="first">First column of the subspace.</param>
    /// <param name="size">Its columns.</param>
    /// <param name="stride">Columns of both; 0 for d_model.</param>
    public static float Of(float* now, float* before, int d, int first, int size, int stride = 0)
    {
        stride = stride > 0 ? stride : d;
        using var gram = new AlignedBuffer<float>(size * size);
        using var square = new AlignedBuffer<float>(size * size);
        using var row = new AlignedBuffer<float>(size);
        for (var i = 0; i < d; i++)
        {
            for (var j = 0; j < size; j++)
                row.Pointer[j] = now[(nint)i * stride + first + j] - before[(nint)i * stride + first + j];
            for (var j = 0; j < size; j++)
                Row.AddScaled(row.Pointer, row.Pointer[j], gram.Pointer + (nint)j * size, size);
        }

        var (logarithm, power) = (0.0, 1.0);
        float* from = gram.Pointer, to = square.Pointer;
        for (var squaring = 0; ; squaring++)
        {
            var norm = MathF.Sqrt(Row.Dot(from, from, size * size));
            if (norm == 0)
                return 0;
            logarithm += Math.Log(norm) / power;
            if (squaring == Squarings)
                return (float)Math.Exp(0.5 * logarithm) * (1 + 1e-4f);
            power *= 2;
            new Span<float>(to, size * size).Clear();
            for (var i = 0; i < size; i++) // of norm one before it is squared, so that nothing vanishes
            {
                for (var j = 0; j < size; j++)
                    Row.AddScaled(from + (nint)j * size, from[i * size + j] / (norm * norm), to + (nint)i * size, size);
            }

            var next = to;
            to = from;
            from = next;
        }
    }
}
