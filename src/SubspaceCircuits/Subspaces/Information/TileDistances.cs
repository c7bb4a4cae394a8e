using System.Runtime.CompilerServices;
using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Information;

/// <summary>Squared distances of four queries to a tile of keys in every subspace, from differences: a duplicate lies at exactly 0.</summary>
internal static unsafe class TileDistances<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Queries at a time.</summary>
    public const int Queries = 4;

    /// <summary>Calculates them for one subspace.</summary>
    /// <param name="queries">First coordinate of the first query in the subspace. [Queries, stride]</param>
    /// <param name="stride">Step from query to query.</param>
    /// <param name="keys">First coordinate of the tile in the subspace. [size, Tile]</param>
    /// <param name="size">Dimensions.</param>
    /// <param name="squared">[Queries, step]: Tile distances each.</param>
    /// <param name="step">Step from query to query.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Of(float* queries, nint stride, float* keys, int size, float* squared, nint step)
    {
        var w = TLanes.Width;
        float* q1 = queries + stride, q2 = q1 + stride, q3 = q2 + stride;
        TVector s00 = TLanes.Zero, s01 = TLanes.Zero, s02 = TLanes.Zero;
        TVector s10 = TLanes.Zero, s11 = TLanes.Zero, s12 = TLanes.Zero;
        TVector s20 = TLanes.Zero, s21 = TLanes.Zero, s22 = TLanes.Zero;
        TVector s30 = TLanes.Zero, s31 = TLanes.Zero, s32 = TLanes.Zero;
        for (nint i = 0; i < size; i++, keys += 3 * w)
        {
            TVector k0 = TLanes.Load(keys), k1 = TLanes.Load(keys + w), k2 = TLanes.Load(keys + 2 * w);
            var q = TLanes.Broadcast(queries[i]);
            var difference = TLanes.Subtract(k0, q);
            s00 = TLanes.MultiplyAdd(difference, difference, s00);
            difference = TLanes.Subtract(k1, q);
            s01 = TLanes.MultiplyAdd(difference, difference, s01);
            difference = TLanes.Subtract(k2, q);
            s02 = TLanes.MultiplyAdd(difference, difference, s02);
            q = TLanes.Broadcast(q1[i]);
            difference = TLanes.Subtract(k0, q);
            s10 = TLanes.MultiplyAdd(difference, difference, s10);
            difference = TLanes.Subtract(k1, q);
            s11 = TLanes.MultiplyAdd(difference, difference, s11);
            difference = TLanes.Subtract(k2, q);
            s12 = TLanes.MultiplyAdd(difference, difference, s12);
            q = TLanes.Broadcast(q2[i]);
            difference = TLanes.Subtract(k0, q);
            s20 = TLanes.MultiplyAdd(difference, difference, s20);
            difference = TLanes.Subtract(k1, q);
            s21 = TLanes.MultiplyAdd(difference, difference, s21);
            difference = TLanes.Subtract(k2, q);
            s22 = TLanes.MultiplyAdd(difference, difference, s22);
            q = TLanes.Broadcast(q3[i]);
            difference = TLanes.Subtract(k0, q);
            s30 = TLanes.MultiplyAdd(difference, difference, s30);
            difference = TLanes.Subtract(k1, q);
            s31 = TLanes.MultiplyAdd(difference, difference, s31);
            difference = TLanes.Subtract(k2, q);
            s32 = TLanes.MultiplyAdd(difference, difference, s32);
        }

        TLanes.Store(s00, squared);
        TLanes.Store(s01, squared + w);
        TLanes.Store(s02, squared + 2 * w);
        squared += step;
        TLanes.Store(s10, squared);
        TLanes.Store(s11, squared + w);
        TLanes.Store(s12, squared + 2 * w);
        squared += step;
        TLanes.Store(s20, squared);
        TLanes.Store(s21, squared + w);
        TLanes.Store(s22, squared + 2 * w);
        squared += step;
        TLanes.Store(s30, squared);
        TLanes.Store(s31, squared + w);
        TLanes.Store(s32, squared + 2 * w);
    }
}
