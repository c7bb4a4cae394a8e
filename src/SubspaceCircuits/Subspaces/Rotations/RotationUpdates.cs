using System.Runtime.Intrinsics;
using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Rotations;

/// <summary>Makes updates of rotations: in float64 where that is cheap, else in float32.</summary>
internal static class RotationUpdates
{
    /// <summary>Widths up to which float64 is used.</summary>
    public const int DoubleWidth = 32;

    /// <summary>An update that goes on from a state.</summary>
    /// <param name="mode">How the rotation moves.</param>
    /// <param name="state">Where it is.</param>
    /// <param name="threads">At least 1.</param>
    /// <param name="path">Width of vectors.</param>
    public static IRotationUpdate From(UpdateMode mode, RotationState state, int threads, VectorPath path)
    {
        var d = (int)Math.Round(Math.Sqrt(state.Base.Length));
        if (d <= DoubleWidth)
            return From(mode, state, d, new DoubleProduct(d, threads));
        return From<float>(mode, state, d, path switch
        {
            VectorPath.Avx512 => new FloatProduct<WideLanes, Vector512<float>>(d, threads),
            VectorPath.Avx2 => new FloatProduct<MiddleLanes, Vector256<float>>(d, threads),
            _ => new FloatProduct<PortableLanes, Vector128<float>>(d, threads),
        });
    }

    /// <summary>A state at rest at a rotation. [d_model, d_model]</summary>
    public static RotationState At(Tensor rotation)
    {
        double[] start = [.. rotation.detach().cpu().to(float64).contiguous().data<double>()];
        return new RotationState(start, new double[start.Length], new double[start.Length], new double[start.Length], 0);
    }

    private static IRotationUpdate From<T>(UpdateMode mode, RotationState state, int d, ISquareProduct<T> product)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T> =>
        mode is UpdateMode.Exact ? new ExactUpdate<T>(state, d, product) : new FastUpdate<T>(state, d, product);
}
