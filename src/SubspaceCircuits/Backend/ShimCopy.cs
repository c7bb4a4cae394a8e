using System.Security.Cryptography;

namespace SubspaceCircuits.Backend;

/// <summary>A private, weakened copy of a native library in the user's cache, keyed by the hash of the original.</summary>
internal static class ShimCopy
{
    /// <summary>
    /// Writes the copy (to a temporary name, then renamed), unless the very same bytes are there already. Where the cache cannot be
    /// written it goes into a folder of this process alone, which is the caller's to delete once the library is loaded.
    /// </summary>
    /// <returns>Path of the copy; null when the library does not ask for <paramref name="version"/> by <paramref name="marker"/> alone.</returns>
    public static (string Path, bool IsTemporary)? Weakened(string original, string version, string marker)
    {
        var image = File.ReadAllBytes(original);
        var key = Convert.ToHexStringLower(SHA256.HashData(image));
        if (!ElfVersionNeeds.MakeWeak(image, version, marker))
            return null;

        var name = Path.GetFileName(original);
        try
        {
            return (Write(Path.Combine(CacheFolder(), "native", key), name, image), false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return (Write(Directory.CreateTempSubdirectory("subspace-circuits-").FullName, name, image), true);
        }
    }

    private static string Write(string folder, string name, byte[] image)
    {
        var copy = Path.Combine(folder, name);
        if (File.Exists(copy) && File.ReadAllBytes(copy).AsSpan().SequenceEqual(image))
            return copy;

        Directory.CreateDirectory(folder);
        var partial = Path.Combine(folder, $".{name}.{Environment.ProcessId}-{Guid.NewGuid():N}");
        using (var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.Write))
        {
            stream.Write(image);
            stream.Flush(flushToDisk: true);
        }

        File.Move(partial, copy, overwrite: true);
        return copy;
    }

    private static string CacheFolder()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg
            : Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".cache")
            : Path.GetTempPath();
        return Path.Combine(cache, "subspace-circuits");
    }
}
