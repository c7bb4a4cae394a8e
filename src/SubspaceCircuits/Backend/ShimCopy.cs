using System.Security.Cryptography;

namespace SubspaceCircuits.Backend;

/// <summary>A private, weakened copy of a native library in the user's cache, keyed by the hash of the original.</summary>
internal static class ShimCopy
{
    /// <summary>
    /// Writes the copy (to a temporary name, then renamed), unless the very same bytes are there already.
    /// </summary>
    /// <returns>Path of the copy; null when the library does not ask for <paramref name="version"/> by <paramref name="marker"/> alone.</returns>
    public static string? Weakened(string original, string version, string marker)
    {
        var image = File.ReadAllBytes(original);
        var key = Convert.ToHexStringLower(SHA256.HashData(image));
        if (!ElfVersionNeeds.MakeWeak(image, version, marker))
            return null;

        var folder = Path.Combine(CacheFolder(), "native", key);
        var copy = Path.Combine(folder, Path.GetFileName(original));
        if (File.Exists(copy) && File.ReadAllBytes(copy).AsSpan().SequenceEqual(image))
            return copy;

        Directory.CreateDirectory(folder);
        var partial = Path.Combine(folder, $".{Path.GetFileName(original)}.{Environment.ProcessId}-{Guid.NewGuid():N}");
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
