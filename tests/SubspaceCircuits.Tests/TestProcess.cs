using System.Runtime.CompilerServices;
using SubspaceCircuits.Backend;
using Xunit.Sdk;

// Tests touch global torch state (threads, dispose statistics) and share two cores.
[assembly: Xunit.v3.Parallelization(Mode = ParallelMode.None)]

namespace SubspaceCircuits.Tests;

internal static class TestProcess
{
    /// <summary>A test may use torch before it touches the library; libtorch must be found all the same.</summary>
    [ModuleInitializer]
    internal static void RegisterNativeLibraries()
    {
        RuntimeHelpers.RunModuleConstructor(typeof(NativeLibraries).Module.ModuleHandle);
        set_num_threads(1);
    }
}
