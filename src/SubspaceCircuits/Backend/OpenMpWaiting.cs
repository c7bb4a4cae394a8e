using System.Runtime.InteropServices;

namespace SubspaceCircuits.Backend;

/// <summary>
/// How libtorch's worker threads wait for work on Linux: asleep, not spinning, unless the user's environment says otherwise
/// (libgomp manual, <c>OMP_WAIT_POLICY</c> and <c>GOMP_SPINCOUNT</c>).
/// </summary>
/// <remarks>
/// On two cores that others use too, spinning made a softmax of a hundred numbers take 8 ms instead of 0.02 ms. libgomp reads
/// the variable when it is loaded, and .NET keeps its own copy of the environment, hence the call into the C library.
/// </remarks>
internal static partial class OpenMpWaiting
{
    private const string Policy = "OMP_WAIT_POLICY";

    /// <summary>Makes the threads sleep while they wait; of no effect once libtorch is loaded.</summary>
    public static void MakePassive()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("GOMP_SPINCOUNT") is null)
            _ = SetVariable(Policy, "PASSIVE", overwrite: 0);
    }

    /// <summary>The policy that libgomp finds or found; null where nothing was said, and on other systems than Linux.</summary>
    public static string? Current() => OperatingSystem.IsLinux() ? Marshal.PtrToStringUTF8(GetVariable(Policy)) : null;

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetVariable(string name);
}
