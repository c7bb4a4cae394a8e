using System.Runtime.CompilerServices;
using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Information;

/// <summary>Least maxima of two distances at one key, for four subspaces by four others: sixteen vectors that stay in registers.</summary>
internal static unsafe class LeastMaxima<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Subspaces on a side.</summary>
    public const int Side = 4;

    /// <summary>Lowers the least maxima by some keys.</summary>
    /// <param name="a">Squared distances in four subspaces. [Side, stride]</param>
    /// <param name="b">In four others, or the same. [Side, stride]</param>
    /// <param name="stride">Step from subspace to subspace.</param>
    /// <param name="count">Keys, a multiple of the width.</param>
    /// <param name="least">[a, b, lane]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Lower(float* a, float* b, nint stride, int count, float* least)
    {
        var w = TLanes.Width;
        float* a1 = a + stride, a2 = a1 + stride, a3 = a2 + stride, b1 = b + stride, b2 = b1 + stride, b3 = b2 + stride;
        TVector e00 = TLanes.Load(least), e01 = TLanes.Load(least + w), e02 = TLanes.Load(least + 2 * w), e03 = TLanes.Load(least + 3 * w);
        TVector e10 = TLanes.Load(least + 4 * w), e11 = TLanes.Load(least + 5 * w), e12 = TLanes.Load(least + 6 * w), e13 = TLanes.Load(least + 7 * w);
        TVector e20 = TLanes.Load(least + 8 * w), e21 = TLanes.Load(least + 9 * w), e22 = TLanes.Load(least + 10 * w), e23 = TLanes.Load(least + 11 * w);
        TVector e30 = TLanes.Load(least + 12 * w), e31 = TLanes.Load(least + 13 * w), e32 = TLanes.Load(least + 14 * w), e33 = TLanes.Load(least + 15 * w);
        for (nint key = 0; key < count; key += w)
        {
            TVector y0 = TLanes.Load(b + key), y1 = TLanes.Load(b1 + key), y2 = TLanes.Load(b2 + key), y3 = TLanes.Load(b3 + key);
            var x = TLanes.Load(a + key);
            e00 = TLanes.Min(e00, TLanes.Max(x, y0));
            e01 = TLanes.Min(e01, TLanes.Max(x, y1));
            e02 = TLanes.Min(e02, TLanes.Max(x, y2));
            e03 = TLanes.Min(e03, TLanes.Max(x, y3));
            x = TLanes.Load(a1 + key);
            e10 = TLanes.Min(e10, TLanes.Max(x, y0));
            e11 = TLanes.Min(e11, TLanes.Max(x, y1));
            e12 = TLanes.Min(e12, TLanes.Max(x, y2));
            e13 = TLanes.Min(e13, TLanes.Max(x, y3));
            x = TLanes.Load(a2 + key);
            e20 = TLanes.Min(e20, TLanes.Max(x, y0));
            e21 = TLanes.Min(e21, TLanes.Max(x, y1));
            e22 = TLanes.Min(e22, TLanes.Max(x, y2));
            e23 = TLanes.Min(e23, TLanes.Max(x, y3));
            x = TLanes.Load(a3 + key);
            e30 = TLanes.Min(e30, TLanes.Max(x, y0));
            e31 = TLanes.Min(e31, TLanes.Max(x, y1));
            e32 = TLanes.Min(e32, TLanes.Max(x, y2));
            e33 = TLanes.Min(e33, TLanes.Max(x, y3));
        }

        TLanes.Store(e00, least);
        TLanes.Store(e01, least + w);
        TLanes.Store(e02, least + 2 * w);
        TLanes.Store(e03, least + 3 * w);
        TLanes.Store(e10, least + 4 * w);
        TLanes.Store(e11, least + 5 * w);
        TLanes.Store(e12, least + 6 * w);
        TLanes.Store(e13, least + 7 * w);
        TLanes.Store(e20, least + 8 * w);
        TLanes.Store(e21, least + 9 * w);
        TLanes.Store(e22, least + 10 * w);
        TLanes.Store(e23, least + 11 * w);
        TLanes.Store(e30, least + 12 * w);
        TLanes.Store(e31, least + 13 * w);
        TLanes.Store(e32, least + 14 * w);
        TLanes.Store(e33, least + 15 * w);
    }
}
