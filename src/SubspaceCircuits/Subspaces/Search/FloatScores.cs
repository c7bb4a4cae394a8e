using System.Runtime.CompilerServices;
using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>
/// Scores of keys against queries in float32, <c>q·k − ½‖k‖²</c>: the greater, the nearer, since <c>‖q − k‖² = ‖q‖² − 2 (q·k − ½‖k‖²)</c>.
/// Four keys by three vectors of queries stay in registers; only what exceeds a query's bar leaves them.
/// </summary>
internal static unsafe class FloatScores<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Queries in a panel: three vectors.</summary>
    public static int Panel => 3 * TLanes.Width;

    /// <summary>Scores keys against one panel of queries.</summary>
    /// <param name="keys">[count, stride]</param>
    /// <param name="stride">Step from key to key.</param>
    /// <param name="count">Keys, a multiple of four.</param>
    /// <param name="bias"><c>−½‖k‖²</c>. [count]</param>
    /// <param name="queries">[depth, Panel]</param>
    /// <param name="depth">Dimensions.</param>
    /// <param name="bars">What a score must exceed. [Panel]</param>
    /// <param name="masks">As <see cref="Hits.Masks"/>.</param>
    /// <param name="scores">As <see cref="Hits.Scores"/>.</param>
    /// <returns>Hits written.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Scan(float* keys, nint stride, int count, float* bias, float* queries, int depth, float* bars, ulong* masks, float* scores)
    {
        var w = TLanes.Width;
        var hits = 0;
        for (var key = 0; key < count; key += Hits.Keys)
        {
            float* k0 = keys + key * stride, k1 = k0 + stride, k2 = k1 + stride, k3 = k2 + stride;
            TVector s00 = TLanes.Broadcast(bias[key]), s10 = TLanes.Broadcast(bias[key + 1]), s20 = TLanes.Broadcast(bias[key + 2]), s30 = TLanes.Broadcast(bias[key + 3]);
            TVector s01 = s00, s02 = s00, s11 = s10, s12 = s10, s21 = s20, s22 = s20, s31 = s30, s32 = s30;
            var q = queries;
            for (nint i = 0; i < depth; i++)
            {
                TVector q0 = TLanes.Load(q), q1 = TLanes.Load(q + w), q2 = TLanes.Load(q + 2 * w);
                var k = TLanes.Broadcast(k0[i]);
                s00 = TLanes.MultiplyAdd(k, q0, s00);
                s01 = TLanes.MultiplyAdd(k, q1, s01);
                s02 = TLanes.MultiplyAdd(k, q2, s02);
                k = TLanes.Broadcast(k1[i]);
                s10 = TLanes.MultiplyAdd(k, q0, s10);
                s11 = TLanes.MultiplyAdd(k, q1, s11);
                s12 = TLanes.MultiplyAdd(k, q2, s12);
                k = TLanes.Broadcast(k2[i]);
                s20 = TLanes.MultiplyAdd(k, q0, s20);
                s21 = TLanes.MultiplyAdd(k, q1, s21);
                s22 = TLanes.MultiplyAdd(k, q2, s22);
                k = TLanes.Broadcast(k3[i]);
                s30 = TLanes.MultiplyAdd(k, q0, s30);
                s31 = TLanes.MultiplyAdd(k, q1, s31);
                s32 = TLanes.MultiplyAdd(k, q2, s32);
                q += 3 * w;
            }

            TVector b0 = TLanes.Load(bars), b1 = TLanes.Load(bars + w), b2 = TLanes.Load(bars + 2 * w);
            var best0 = TLanes.Max(TLanes.Max(s00, s10), TLanes.Max(s20, s30));
            var best1 = TLanes.Max(TLanes.Max(s01, s11), TLanes.Max(s21, s31));
            var best2 = TLanes.Max(TLanes.Max(s02, s12), TLanes.Max(s22, s32));
            if ((TLanes.Less(b0, best0) | TLanes.Less(b1, best1) | TLanes.Less(b2, best2)) == 0)
                continue;

            var m0 = (ulong)TLanes.Less(b0, s00) | (ulong)TLanes.Less(b1, s01) << w | (ulong)TLanes.Less(b2, s02) << 2 * w;
            var m1 = (ulong)TLanes.Less(b0, s10) | (ulong)TLanes.Less(b1, s11) << w | (ulong)TLanes.Less(b2, s12) << 2 * w;
            var m2 = (ulong)TLanes.Less(b0, s20) | (ulong)TLanes.Less(b1, s21) << w | (ulong)TLanes.Less(b2, s22) << 2 * w;
            var m3 = (ulong)TLanes.Less(b0, s30) | (ulong)TLanes.Less(b1, s31) << w | (ulong)TLanes.Less(b2, s32) << 2 * w;
            var mask = masks + (Hits.Keys + 1) * hits;
            mask[0] = (ulong)key;
            mask[1] = m0;
            mask[2] = m1;
            mask[3] = m2;
            mask[4] = m3;
            var score = scores + Hits.Keys * 3 * w * hits;
            TLanes.Store(s00, score);
            TLanes.Store(s01, score + w);
            TLanes.Store(s02, score + 2 * w);
            TLanes.Store(s10, score + 3 * w);
            TLanes.Store(s11, score + 4 * w);
            TLanes.Store(s12, score + 5 * w);
            TLanes.Store(s20, score + 6 * w);
            TLanes.Store(s21, score + 7 * w);
            TLanes.Store(s22, score + 8 * w);
            TLanes.Store(s30, score + 9 * w);
            TLanes.Store(s31, score + 10 * w);
            TLanes.Store(s32, score + 11 * w);
            hits++;
        }

        return hits;
    }
}
