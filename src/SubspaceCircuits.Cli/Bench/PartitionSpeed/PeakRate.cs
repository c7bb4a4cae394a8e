using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Cli.Bench.PartitionSpeed;

/// <summary>
/// The machine's measured peak in float32: multiply-adds among registers only, in twelve chains that do not depend on each other, which hides the
/// latency of any machine that starts two a cycle and needs up to six.
/// </summary>
internal static class PeakRate
{
    private const int Repetitions = 9, Turns = 2_000_000, Chains = 12;

    /// <summary>Operations per second of a number of threads at once, two for each multiply-add; the best of several runs.</summary>
    public static double Measure(int threads, int turns = Turns)
    {
        var best = 0.0;
        for (var repetition = 0; repetition < Repetitions; repetition++)
        {
            var clock = Stopwatch.StartNew();
            Thread[] workers = [.. Enumerable.Range(1, threads - 1).Select(_ => new Thread(() => Loop(turns)))];
            foreach (var worker in workers)
                worker.Start();
            Loop(turns);
            foreach (var worker in workers)
                worker.Join();
            best = Math.Max(best, 2.0 * threads * turns * Chains * Width / clock.Elapsed.TotalSeconds);
        }

        return best;
    }

    private static int Width => VectorPaths.Best switch { VectorPath.Avx512 => WideLanes.Width, VectorPath.Avx2 => MiddleLanes.Width, _ => PortableLanes.Width };

    private static float Loop(int turns) => VectorPaths.Best switch
    {
        VectorPath.Avx512 => Loop<WideLanes, Vector512<float>>(turns),
        VectorPath.Avx2 => Loop<MiddleLanes, Vector256<float>>(turns),
        _ => Loop<PortableLanes, Vector128<float>>(turns),
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Loop<TLanes, TVector>(int turns)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        TVector s0 = TLanes.Zero, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0, s8 = s0, s9 = s0, s10 = s0, s11 = s0;
        TVector a = TLanes.Broadcast(1.0001f), b = TLanes.Broadcast(0.5f);
        for (var turn = 0; turn < turns; turn++)
        {
            s0 = TLanes.MultiplyAdd(a, b, s0);
            s1 = TLanes.MultiplyAdd(a, b, s1);
            s2 = TLanes.MultiplyAdd(a, b, s2);
            s3 = TLanes.MultiplyAdd(a, b, s3);
            s4 = TLanes.MultiplyAdd(a, b, s4);
            s5 = TLanes.MultiplyAdd(a, b, s5);
            s6 = TLanes.MultiplyAdd(a, b, s6);
            s7 = TLanes.MultiplyAdd(a, b, s7);
            s8 = TLanes.MultiplyAdd(a, b, s8);
            s9 = TLanes.MultiplyAdd(a, b, s9);
            s10 = TLanes.MultiplyAdd(a, b, s10);
            s11 = TLanes.MultiplyAdd(a, b, s11);
        }

        // All chains reach the result, so that none is left out.
        var sum = TLanes.Add(TLanes.Add(TLanes.Add(s0, s1), TLanes.Add(s2, s3)), TLanes.Add(TLanes.Add(s4, s5), TLanes.Add(s6, s7)));
        sum = TLanes.Add(sum, TLanes.Add(TLanes.Add(s8, s9), TLanes.Add(s10, s11)));
        return Unsafe.As<TVector, float>(ref sum);
    }
}
