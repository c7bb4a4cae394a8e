using System.Runtime.CompilerServices;
using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>
/// Scores of keys against queries in bytes, <c>q·k − ⌈½‖k‖²⌉</c>, as integers without error: four times the rate of float32 or more. A key's
/// bytes carry an offset of <see cref="ByteGrid.Offset"/>, which the sums start without. Four bytes of a vector meet at a time.
/// </summary>
internal static unsafe class ByteScores<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Queries in a panel: three vectors.</summary>
    public static int Panel => 3 * TLanes.Width;

    /// <summary>Scores keys against one panel of queries.</summary>
    /// <param name="keys">Groups of four bytes, unsigned. [count, quads]</param>
    /// <param name="quads">Dimensions over four.</param>
    /// <param name="count">Keys, a multiple of four.</param>
    /// <param name="bias"><c>−⌈½‖k‖²⌉</c>, integers. [count]</param>
    /// <param name="queries">Groups of four bytes, signed. [quads, Panel]</param>
    /// <param name="start">What the offset adds, negative, in two 16-bit halves. [Panel]</param>
    /// <param name="bars">What a score must exceed, integers. [Panel]</param>
    /// <param name="masks">As <see cref="Hits.Masks"/>.</param>
    /// <param name="scores">As <see cref="Hits.Scores"/>, integers.</param>
    /// <returns>Hits written.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Scan(float* keys, int quads, int count, float* bias, float* queries, float* start, float* bars, ulong* masks, float* scores)
    {
        var w = TLanes.Width;
        var hits = 0;
        for (var key = 0; key < count; key += Hits.Keys)
        {
            float* k0 = keys + key * quads, k1 = k0 + quads, k2 = k1 + quads, k3 = k2 + quads;
            TVector s00 = TLanes.Load(start), s01 = TLanes.Load(start + w), s02 = TLanes.Load(start + 2 * w);
            TVector s10 = s00, s11 = s01, s12 = s02, s20 = s00, s21 = s01, s22 = s02, s30 = s00, s31 = s01, s32 = s02;
            var q = queries;
            for (nint i = 0; i < quads; i++)
            {
                TVector q0 = TLanes.Load(q), q1 = TLanes.Load(q + w), q2 = TLanes.Load(q + 2 * w);
                var k = TLanes.Broadcast(k0[i]);
                s00 = TLanes.AddByteProducts(s00, k, q0);
                s01 = TLanes.AddByteProducts(s01, k, q1);
                s02 = TLanes.AddByteProducts(s02, k, q2);
                k = TLanes.Broadcast(k1[i]);
                s10 = TLanes.AddByteProducts(s10, k, q0);
                s11 = TLanes.AddByteProducts(s11, k, q1);
                s12 = TLanes.AddByteProducts(s12, k, q2);
                k = TLanes.Broadcast(k2[i]);
                s20 = TLanes.AddByteProducts(s20, k, q0);
                s21 = TLanes.AddByteProducts(s21, k, q1);
                s22 = TLanes.AddByteProducts(s22, k, q2);
                k = TLanes.Broadcast(k3[i]);
                s30 = TLanes.AddByteProducts(s30, k, q0);
                s31 = TLanes.AddByteProducts(s31, k, q1);
                s32 = TLanes.AddByteProducts(s32, k, q2);
                q += 3 * w;
            }

            var constant = TLanes.Broadcast(bias[key]);
            s00 = TLanes.AddInt32(TLanes.AddHalves(s00), constant);
            s01 = TLanes.AddInt32(TLanes.AddHalves(s01), constant);
            s02 = TLanes.AddInt32(TLanes.AddHalves(s02), constant);
            constant = TLanes.Broadcast(bias[key + 1]);
            s10 = TLanes.AddInt32(TLanes.AddHalves(s10), constant);
            s11 = TLanes.AddInt32(TLanes.AddHalves(s11), constant);
            s12 = TLanes.AddInt32(TLanes.AddHalves(s12), constant);
            constant = TLanes.Broadcast(bias[key + 2]);
            s20 = TLanes.AddInt32(TLanes.AddHalves(s20), constant);
            s21 = TLanes.AddInt32(TLanes.AddHalves(s21), constant);
            s22 = TLanes.AddInt32(TLanes.AddHalves(s22), constant);
            constant = TLanes.Broadcast(bias[key + 3]);
            s30 = TLanes.AddInt32(TLanes.AddHalves(s30), constant);
            s31 = TLanes.AddInt32(TLanes.AddHalves(s31), constant);
            s32 = TLanes.AddInt32(TLanes.AddHalves(s32), constant);
            TVector b0 = TLanes.Load(bars), b1 = TLanes.Load(bars + w), b2 = TLanes.Load(bars + 2 * w);
            var best0 = TLanes.MaxInt32(TLanes.MaxInt32(s00, s10), TLanes.MaxInt32(s20, s30));
            var best1 = TLanes.MaxInt32(TLanes.MaxInt32(s01, s11), TLanes.MaxInt32(s21, s31));
            var best2 = TLanes.MaxInt32(TLanes.MaxInt32(s02, s12), TLanes.MaxInt32(s22, s32));
            if ((TLanes.GreaterInt32(best0, b0) | TLanes.GreaterInt32(best1, b1) | TLanes.GreaterInt32(best2, b2)) == 0)
                continue;

            var m0 = (ulong)TLanes.GreaterInt32(s00, b0) | (ulong)TLanes.GreaterInt32(s01, b1) << w | (ulong)TLanes.GreaterInt32(s02, b2) << 2 * w;
            var m1 = (ulong)TLanes.GreaterInt32(s10, b0) | (ulong)TLanes.GreaterInt32(s11, b1) << w | (ulong)TLanes.GreaterInt32(s12, b2) << 2 * w;
            var m2 = (ulong)TLanes.GreaterInt32(s20, b0) | (ulong)TLanes.GreaterInt32(s21, b1) << w | (ulong)TLanes.GreaterInt32(s22, b2) << 2 * w;
            var m3 = (ulong)TLanes.GreaterInt32(s30, b0) | (ulong)TLanes.GreaterInt32(s31, b1) << w | (ulong)TLanes.GreaterInt32(s32, b2) << 2 * w;
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
