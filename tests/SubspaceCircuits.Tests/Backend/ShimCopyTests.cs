using System.Security.Cryptography;
using SubspaceCircuits.Backend;
using SubspaceCircuits.Tests.Checkpoints;

namespace SubspaceCircuits.Tests.Backend;

public sealed class ShimCopyTests : IDisposable
{
    private readonly string? cacheBefore = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
    private readonly TemporaryFolder cache = new();

    public ShimCopyTests() => Environment.SetEnvironmentVariable("XDG_CACHE_HOME", cache[""]);

    [Fact]
    public void Copy_lies_under_the_hash_of_the_original_and_differs_in_one_byte()
    {
        var original = BundledShim.Image;

        var copy = Weakened()!;

        Assert.Equal(Path.Combine(cache[""], "subspace-circuits", "native", Convert.ToHexStringLower(SHA256.HashData(original)), "libLibTorchSharp.so"), copy);
        Assert.Equal(1, File.ReadAllBytes(copy).Zip(original).Count(pair => pair.First != pair.Second));
        Assert.Equal(original, BundledShim.Image);
        Assert.Equal([copy], Directory.GetFiles(Path.GetDirectoryName(copy)!));
    }

    [Fact]
    public void Second_call_does_not_write_again()
    {
        var copy = Weakened()!;
        File.SetLastWriteTimeUtc(copy, DateTime.UnixEpoch);

        Assert.Equal(copy, Weakened());

        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(copy));
    }

    // A reader that has the bad file open keeps it: the good one is renamed over it, never written into it.
    [Fact]
    public void Tampered_copy_is_replaced_as_a_whole()
    {
        var copy = Weakened()!;
        var good = File.ReadAllBytes(copy);
        File.WriteAllBytes(copy, [1, 2, 3]);
        using var reader = new FileStream(copy, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

        Assert.Equal(copy, Weakened());

        Assert.Equal(good, File.ReadAllBytes(copy));
        Assert.Equal(3, reader.Length);
        Assert.Equal([copy], Directory.GetFiles(Path.GetDirectoryName(copy)!));
    }

    [Fact]
    public void Several_at_once_leave_one_good_copy()
    {
        var copies = new string?[8];

        Parallel.For(0, copies.Length, i => copies[i] = Weakened());

        var copy = Assert.Single(copies.Distinct())!;
        Assert.Equal(1, File.ReadAllBytes(copy).Zip(BundledShim.Image).Count(pair => pair.First != pair.Second));
        Assert.Equal([copy], Directory.GetFiles(Path.GetDirectoryName(copy)!));
    }

    [Fact]
    public void Nothing_is_written_for_a_library_without_the_requirement()
    {
        Assert.Null(ShimCopy.Weakened(BundledShim.File, "GLIBCXX_9.9.9", BundledShim.Marker));

        Assert.Empty(Directory.GetFileSystemEntries(cache[""]));
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", cacheBefore);
        cache.Dispose();
    }

    private static string? Weakened() => ShimCopy.Weakened(BundledShim.File, BundledShim.Version, BundledShim.Marker)?.Path;
}
