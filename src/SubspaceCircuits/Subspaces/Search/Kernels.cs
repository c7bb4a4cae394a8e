using System.Runtime.Intrinsics;
using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>The kernels for a width of vectors.</summary>
internal static class Kernels
{
    public static ICandidatePass Pass(EngineSettings settings) => settings.Path switch
    {
        VectorPath.Avx512 => new CandidatePass<WideLanes, Vector512<float>>(settings.Threads),
        VectorPath.Avx2 => new CandidatePass<MiddleLanes, Vector256<float>>(settings.Threads),
        _ => new CandidatePass<PortableLanes, Vector128<float>>(settings.Threads),
    };

    public static ITreeSearch Trees(EngineSettings settings) => settings.Path switch
    {
        VectorPath.Avx512 => new TreeSearch<WideLanes, Vector512<float>>(settings.Threads, settings.MemoryBytes),
        VectorPath.Avx2 => new TreeSearch<MiddleLanes, Vector256<float>>(settings.Threads, settings.MemoryBytes),
        _ => new TreeSearch<PortableLanes, Vector128<float>>(settings.Threads, settings.MemoryBytes),
    };

    public static ISubspaceGradient Gradient(EngineSettings settings) => settings.Path switch
    {
        VectorPath.Avx512 => new SubspaceGradient<WideLanes, Vector512<float>>(settings.Threads),
        VectorPath.Avx2 => new SubspaceGradient<MiddleLanes, Vector256<float>>(settings.Threads),
        _ => new SubspaceGradient<PortableLanes, Vector128<float>>(settings.Threads),
    };

    public static IRangeSearch Range(VectorPath path) => path switch
    {
        VectorPath.Avx512 => new RangeSearch<WideLanes, Vector512<float>>(),
        VectorPath.Avx2 => new RangeSearch<MiddleLanes, Vector256<float>>(),
        _ => new RangeSearch<PortableLanes, Vector128<float>>(),
    };

    public static IRecheck Recheck(EngineSettings settings) => settings.Path switch
    {
        VectorPath.Avx512 => new Recheck<WideLanes, Vector512<float>>(),
        VectorPath.Avx2 => new Recheck<MiddleLanes, Vector256<float>>(),
        _ => new Recheck<PortableLanes, Vector128<float>>(),
    };
}
