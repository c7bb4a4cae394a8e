namespace SubspaceCircuits.Tests.Backend;

/// <summary>TorchSharp's own native library, as it lies in the output folder of the tests.</summary>
internal static class BundledShim
{
    public const string Version = "GLIBCXX_3.4.32";
    public const string Marker = "_ZSt21ios_base_library_initv";

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");

    public static string File { get; } = Path.Combine(Folder, "libLibTorchSharp.so");

    public static byte[] Image => System.IO.File.ReadAllBytes(File);
}
