using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace SubspaceCircuits.Backend;

/// <summary>
/// Finds libtorch for TorchSharp: the user's own (<c>SUBSPACE_LIBTORCH</c>), else the bundled one, else the bundled one with
/// a weakened copy of TorchSharp's shim where the system's libstdc++ is too old for the shim's marker symbol.
/// </summary>
/// <remarks>
/// TorchSharp 0.107.0 asks for GLIBCXX_3.4.32 (GCC 13); Debian 12 and Ubuntu 22.04 have 3.4.30. The only symbol behind the
/// request is <c>_ZSt21ios_base_library_initv</c>, which has no relocation, so the requirement may be weak.
/// Nothing is loaded before the first tensor; the package and the output folder are never written to.
/// </remarks>
public static class NativeLibraries
{
    private const string Shim = "LibTorchSharp";
    private const string MissingVersion = "GLIBCXX_3.4.32";
    private const string MarkerSymbol = "_ZSt21ios_base_library_initv";

    /// <summary>Environment variable that names a folder with another libtorch 2.10, such as one built for CUDA.</summary>
    public const string OverrideVariable = "SUBSPACE_LIBTORCH";

    /// <summary>Path of the weakened copy of the shim that was loaded (gone already if the cache could not be written), or null when the ordinary load succeeded.</summary>
    public static string? WeakenedShim { get; private set; }

    /// <summary>The folder of <see cref="OverrideVariable"/>, or null when the bundled libtorch is used.</summary>
    public static string? OverrideFolder { get; private set; }

    /// <summary>Native file names of libtorch and the shim that this process has loaded, with full paths; empty before the first tensor.</summary>
    public static IReadOnlyList<string> Loaded()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return [.. process.Modules.Cast<System.Diagnostics.ProcessModule>()
            .Select(module => module.FileName)
            .Where(path => Path.GetFileName(path) is { } name
                && (name.Contains("torch", StringComparison.OrdinalIgnoreCase) || name.Contains("libc10", StringComparison.Ordinal) || name.Contains("libstdc++", StringComparison.Ordinal))
                && !name.EndsWith("TorchSharp.dll", StringComparison.Ordinal))
            .Distinct()
            .Order(StringComparer.Ordinal)];
    }

    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "Must be in place before TorchSharp's own first load.")]
    internal static void Register()
    {
        OpenMpWaiting.MakePassive();
        if (Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 } folder)
            LoadFrom(folder);
        else
            AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => name == Shim ? LoadWeakened() : 0;
    }

    /// <summary>Raised by the runtime only after its own search has failed.</summary>
    private static nint LoadWeakened()
    {
        if (!OperatingSystem.IsLinux() || Bundled($"lib{Shim}.so") is not { } original)
            return 0;

        Preload(Path.GetDirectoryName(Bundled("libtorch_cpu.so")) ?? Path.GetDirectoryName(original)!);
        return LoadWeakened(original);
    }

    /// <summary>Loads a weakened copy of the shim; 0 when it cannot be weakened or does not load all the same.</summary>
    private static nint LoadWeakened(string original)
    {
        if (ShimCopy.Weakened(original, MissingVersion, MarkerSymbol) is not { } copy)
            return 0;
        NativeLibrary.TryLoad(copy.Path, out var handle);
        if (copy.IsTemporary)
            Directory.Delete(Path.GetDirectoryName(copy.Path)!, recursive: true); // the mapping outlives the file
        if (handle != 0)
            WeakenedShim = copy.Path;
        return handle;
    }

    /// <summary>Loads the user's libtorch and binds TorchSharp's shim to it, before TorchSharp can find the bundled one.</summary>
    private static void LoadFrom(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{OverrideVariable} is '{folder}', which is not a folder. Point it at the folder that holds libtorch_cpu, such as .../site-packages/torch/lib.");

        OverrideFolder = Path.GetFullPath(folder);
        var libraries = Preload(OverrideFolder);
        if (!libraries.TryGetValue(OperatingSystem.IsWindows() ? "torch.dll" : OperatingSystem.IsMacOS() ? "libtorch.dylib" : "libtorch.so", out var libtorch))
            throw new FileNotFoundException($"{OverrideVariable} is '{folder}', which has no libtorch. Point it at the folder that holds libtorch and libtorch_cpu, such as .../site-packages/torch/lib.");
        var shimName = OperatingSystem.IsWindows() ? $"{Shim}.dll" : OperatingSystem.IsMacOS() ? $"lib{Shim}.dylib" : $"lib{Shim}.so";
        var shim = Bundled(shimName) ?? throw new FileNotFoundException($"TorchSharp's {shimName} was not found beside this program. Reference the TorchSharp package.");
        if (!NativeLibrary.TryLoad(shim, out var handle) && (handle = LoadWeakened(shim)) == 0)
            handle = NativeLibrary.Load(shim); // throws, and says what is missing

        NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, (name, _, _) => name == Shim ? handle : 0);
        if (OperatingSystem.IsLinux())
            LoadedName.Set(libtorch, "torch_cpu.so");

        // TorchSharp would now load the bundled libraries, a second libtorch in one process: tell it that all are loaded.
        foreach (var flag in (string[])["nativeBackendLoaded", "nativeBackendCudaLoaded"])
        {
            var field = typeof(torch).GetField(flag, BindingFlags.Static | BindingFlags.NonPublic)
                ?? throw new InvalidOperationException($"This TorchSharp has no field '{flag}': {OverrideVariable} works with TorchSharp 0.107.0.");
            field.SetValue(null, true);
        }
    }

    /// <summary>Loads libtorch's libraries in the order of their needs.</summary>
    /// <returns>Handles by file name.</returns>
    private static Dictionary<string, nint> Preload(string folder)
    {
        string[] names = OperatingSystem.IsWindows() ? ["c10.dll", "torch_cpu.dll", "c10_cuda.dll", "torch_cuda.dll", "torch.dll"]
            : OperatingSystem.IsMacOS() ? ["libc10.dylib", "libtorch_cpu.dylib", "libtorch.dylib"]
            : ["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];
        return names.Where(name => File.Exists(Path.Combine(folder, name))).ToDictionary(name => name, name => NativeLibrary.Load(Path.Combine(folder, name)));
    }

    private static string? Bundled(string file)
    {
        var listed = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] folders = [.. listed, AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"),
            Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native")];
        return folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }
}
