using System.Runtime.Intrinsics.X86;

namespace SubspaceCircuits.Backend.Vectors;

/// <summary>The width of vectors that kernels are compiled for.</summary>
public enum VectorPath
{
    /// <summary>Four floats, any machine.</summary>
    Portable,

    /// <summary>Eight floats, AVX2 and FMA.</summary>
    Avx2,

    /// <summary>Sixteen floats, AVX-512 F and BW.</summary>
    Avx512,
}

/// <summary>Which paths this machine has.</summary>
public static class VectorPaths
{
    /// <summary>The widest path of this machine. <c>DOTNET_EnableAVX512=0</c> and <c>DOTNET_EnableAVX2=0</c> narrow it.</summary>
    public static VectorPath Best { get; } = IsSupported(VectorPath.Avx512) ? VectorPath.Avx512 : IsSupported(VectorPath.Avx2) ? VectorPath.Avx2 : VectorPath.Portable;

    /// <summary>Whether this machine multiplies bfloat16 (AVX512_BF16), which libtorch uses and the runtime does not offer; never when the path is narrower.</summary>
    public static bool HasBrainFloat { get; } = Best is VectorPath.Avx512 && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 1).Eax >> 5 & 1) == 1;

    /// <summary>Whether this machine can run a path.</summary>
    public static bool IsSupported(VectorPath path) => path switch
    {
        VectorPath.Avx512 => Avx512F.IsSupported && Avx512BW.IsSupported,
        VectorPath.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        _ => true,
    };
}
