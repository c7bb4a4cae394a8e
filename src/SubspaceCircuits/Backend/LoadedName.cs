using System.Runtime.InteropServices;

namespace SubspaceCircuits.Backend;

/// <summary>
/// Gives a library that glibc has loaded another name: <c>dlopen</c> of that name then answers with this library instead of
/// looking for a file (dlinfo(3), <c>RTLD_DI_LINKMAP</c>).
/// </summary>
/// <remarks>
/// The first use of TorchSharp's <c>torch</c> asks the runtime for <c>torch_cpu</c>, before any callback could answer. The
/// runtime asks <c>dlopen</c> for <c>torch_cpu.so</c> before it tries the bundled <c>libtorch_cpu.so</c>, whose
/// registrations would collide with those of the libtorch that the user chose, and abort the process.
/// </remarks>
internal static partial class LoadedName
{
    private const int LinkMap = 2; // RTLD_DI_LINKMAP

    /// <summary>Renames the library of a handle for the life of the process.</summary>
    public static unsafe void Set(nint handle, string name)
    {
        nint* map = null; // struct link_map { l_addr, l_name, ... }
        if (Information(handle, LinkMap, &map) != 0)
            throw new InvalidOperationException($"glibc does not tell where it keeps the name of a library, so '{name}' cannot be bound to the libtorch of {NativeLibraries.OverrideVariable}.");
        map[1] = Marshal.StringToCoTaskMemUTF8(name); // malloc, as glibc expects
    }

    [LibraryImport("libc", EntryPoint = "dlinfo")]
    private static unsafe partial int Information(nint handle, int request, nint** answer);
}
