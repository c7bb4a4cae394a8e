using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace SubspaceCircuits.Backend;

/// <summary>What this process computes with, and what is missing.</summary>
/// <param name="Version">Version of this library.</param>
/// <param name="Dotnet">.NET runtime.</param>
/// <param name="Os">Operating system.</param>
/// <param name="Architecture">Processor architecture.</param>
/// <param name="Torchsharp">TorchSharp.</param>
/// <param name="Libtorch">libtorch, or null when it did not load.</param>
/// <param name="NativeFiles">Native files that were loaded, with full paths.</param>
/// <param name="Remedy">Path of the weakened copy of TorchSharp's shim, or null when it was not needed.</param>
/// <param name="Override">Folder of the user's own libtorch, or null.</param>
/// <param name="Threads">Threads libtorch computes with.</param>
/// <param name="Cores">Logical processors.</param>
/// <param name="Simd">Widest vector instructions of this processor that .NET can use.</param>
/// <param name="Cuda">CUDA devices that libtorch sees.</param>
/// <param name="Problems">What is missing and the remedy, one line each; empty when all is well.</param>
public sealed record Doctor(string Version, string Dotnet, string Os, string Architecture, string Torchsharp, string? Libtorch, IReadOnlyList<string> NativeFiles,
    string? Remedy, string? Override, int Threads, int Cores, string Simd, IReadOnlyList<string> Cuda, IReadOnlyList<string> Problems)
{
    /// <summary>Loads libtorch and looks.</summary>
    public static Doctor Examine()
    {
        List<string> problems = [];
        string? libtorch = null;
        var threads = 0;
        List<string> devices = [];
        try
        {
            using var probe = ones(2);
            libtorch = torch.__version__;
            threads = get_num_threads();
            devices.AddRange(Enumerable.Range(0, cuda.is_available() ? cuda.device_count() : 0).Select(index => $"cuda:{index}"));
        }
        catch (Exception failure) when (failure is TypeInitializationException or NotSupportedException or DllNotFoundException or BadImageFormatException)
        {
            problems.Add($"libtorch did not load ({FirstLine(failure)}). {Cure()}");
        }

        return new Doctor(
            typeof(Doctor).Assembly.GetName().Version?.ToString(3) ?? "unknown", RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription,
            RuntimeInformation.ProcessArchitecture.ToString(), typeof(torch).Assembly.GetName().Version?.ToString(3) ?? "unknown", libtorch,
            NativeLibraries.Loaded(), NativeLibraries.WeakenedShim, NativeLibraries.OverrideFolder, threads, Environment.ProcessorCount, SimdLevel(), devices, problems);
    }

    private static string FirstLine(Exception failure) => (failure.InnerException ?? failure).Message.Trim().Split('\n')[0].Trim();

    private static string Cure() => RuntimeInformation.ProcessArchitecture is not System.Runtime.InteropServices.Architecture.X64 && OperatingSystem.IsLinux()
        ? "TorchSharp has no libtorch for this processor on Linux: use an x64 machine."
        : OperatingSystem.IsLinux()
            ? "It needs glibc 2.34 and a libstdc++ with GLIBCXX_3.4.30 (GCC 12), as in Debian 12 or Ubuntu 22.04. On older systems put a newer libstdc++.so.6 on LD_LIBRARY_PATH (conda's libstdcxx-ng) or use a container; the cache folder (XDG_CACHE_HOME or HOME/.cache) must be writable."
            : $"Reinstall, or set {NativeLibraries.OverrideVariable} to the lib folder of a libtorch 2.10.";

    private static string SimdLevel() =>
        Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : Sse42.IsSupported ? "SSE4.2" : System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported ? "AdvSimd" : "none";
}
