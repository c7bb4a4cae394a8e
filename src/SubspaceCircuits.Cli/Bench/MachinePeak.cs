using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Cli.Bench;

/// <summary>What one thread of this machine can do at most: multiply-adds that touch nothing but registers.</summary>
internal static class MachinePeak
{
    private const int Rounds = 5, Loops = 4_000_000, Accumulators = 12;

    /// <summary>float32 GFLOP/s, the best of five rounds.</summary>
    public static double Measure() => VectorPaths.Best switch
    {
        VectorPath.Avx512 => Of<WideLanes, Vector512<float>>(),
        VectorPath.Avx2 => Of<MiddleLanes, Vector256<float>>(),
        _ => Of<PortableLanes, Vector128<float>>(),
    };

    private static double Of<TLanes, TVector>()
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var best = 0.0;
        for (var round = 0; round < Rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            Run<TLanes, TVector>();
            best = Math.Max(best, 2.0 * Accumulators * TLanes.Width * Loops / clock.Elapsed.TotalSeconds / 1e9);
        }

        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Run<TLanes, TVector>()
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var (factor, term) = (TLanes.Broadcast(0.999f), TLanes.Broadcast(1e-3f));
        TVector a = term, b = term, c = term, d = term, e = term, f = term, g = term, h = term, i = term, j = term, k = term, l = term;
        for (var loop = 0; loop < Loops; loop++)
        {
            a = TLanes.MultiplyAdd(a, factor, term);
            b = TLanes.MultiplyAdd(b, factor, term);
            c = TLanes.MultiplyAdd(c, factor, term);
            d = TLanes.MultiplyAdd(d, factor, term);
            e = TLanes.MultiplyAdd(e, factor, term);
            f = TLanes.MultiplyAdd(f, factor, term);
            g = TLanes.MultiplyAdd(g, factor, term);
            h = TLanes.MultiplyAdd(h, factor, term);
            i = TLanes.MultiplyAdd(i, factor, term);
            j = TLanes.MultiplyAdd(j, factor, term);
            k = TLanes.MultiplyAdd(k, factor, term);
            l = TLanes.MultiplyAdd(l, factor, term);
        }

        var sum = TLanes.Add(TLanes.Add(TLanes.Add(a, b), TLanes.Add(c, d)), TLanes.Add(TLanes.Add(e, f), TLanes.Add(g, h)));
        return TLanes.MaxAcross(TLanes.Add(sum, TLanes.Add(TLanes.Add(i, j), TLanes.Add(k, l))));
    }
}
