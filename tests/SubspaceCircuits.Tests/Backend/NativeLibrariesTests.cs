using System.Diagnostics;
using SubspaceCircuits.Backend;
using SubspaceCircuits.Tests.Checkpoints;

namespace SubspaceCircuits.Tests.Backend;

public class NativeLibrariesTests
{
    private static readonly string[] Libtorch = ["libc10.so", "libtorch_cpu.so", "libtorch.so"];

    // Also run in a child process by the test below, where the variable names another folder.
    [Fact]
    public void Libtorch_is_loaded_from_one_folder()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the names of the files are those of Linux");
        using var one = ones(1);
        var folder = Environment.GetEnvironmentVariable(NativeLibraries.OverrideVariable) is { Length: > 0 } other ? Path.TrimEndingDirectorySeparator(other) : BundledShim.Folder;

        var loaded = NativeLibraries.Loaded();

        foreach (var name in Libtorch)
            Assert.Equal([Path.Combine(folder, name)], loaded.Where(path => Path.GetFileName(path) == name));
        Assert.Equal(NativeLibraries.WeakenedShim ?? BundledShim.File, Assert.Single(loaded, path => Path.GetFileName(path) == "libLibTorchSharp.so"));
        Assert.Equal(folder == BundledShim.Folder, NativeLibraries.OverrideFolder is null);
    }

    [Fact]
    public async Task Override_folder_is_the_only_one_that_libtorch_is_loaded_from()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the names of the files are those of Linux");
        using var folder = new TemporaryFolder();
        // Copies, not links: the loader takes two names of one file for one library.
        foreach (var file in Directory.GetFiles(BundledShim.Folder).Where(file => Libtorch.Contains(Path.GetFileName(file)) || Path.GetFileName(file).StartsWith("libgomp", StringComparison.Ordinal)))
            File.Copy(file, folder[Path.GetFileName(file)]);

        var (status, output) = await RunInChild(nameof(Libtorch_is_loaded_from_one_folder), folder[""]);

        Assert.True(status == 0 && output.Contains("Total: 1,", StringComparison.Ordinal), output);
    }

    [Fact]
    public async Task Override_folder_that_is_not_there_or_empty_is_named()
    {
        using var empty = new TemporaryFolder();

        var nowhere = await RunInChild(nameof(Libtorch_is_loaded_from_one_folder), "/nowhere/torch/lib");
        var without = await RunInChild(nameof(Libtorch_is_loaded_from_one_folder), empty[""]);

        Assert.NotEqual(0, nowhere.Status);
        Assert.Contains("SUBSPACE_LIBTORCH is '/nowhere/torch/lib', which is not a folder.", nowhere.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, without.Status);
        Assert.Contains($"SUBSPACE_LIBTORCH is '{empty[""]}', which has no libtorch.", without.Output, StringComparison.Ordinal);
    }

    // Spinning threads make small operations hundreds of times slower on cores that others use too.
    [Fact]
    public void Waiting_threads_sleep_unless_the_user_says_otherwise()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "libgomp is Linux's");
        var isUsers = Environment.GetEnvironmentVariable("GOMP_SPINCOUNT") is not null;

        Assert.Equal(Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") ?? (isUsers ? null : "PASSIVE"), OpenMpWaiting.Current());
    }

    /// <summary>Runs one test of this class in a process of its own.</summary>
    private static async Task<(int Status, string Output)> RunInChild(string test, string libtorch)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(NativeLibrariesTests).Assembly.Location);
        foreach (var argument in (string[])["-method", $"{typeof(NativeLibrariesTests).FullName}.{test}", "-noColor"])
            start.ArgumentList.Add(argument);
        start.Environment[NativeLibraries.OverrideVariable] = libtorch;

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await errors);
    }
}
