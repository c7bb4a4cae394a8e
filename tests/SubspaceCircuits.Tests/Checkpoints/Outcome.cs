using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Tests.Checkpoints;

/// <summary>What reading a damaged file may end in: tensors that can be used, or one line of complaint.</summary>
internal static class Outcome
{
    // A file of a few kilobytes: the reader's own objects, the JSON document, pooled buffers.
    private const long MaxManagedBytes = 8L << 20;

    /// <summary>Reads the file; true where that succeeded. Anything but success or a one-line <see cref="CheckpointException"/> fails the test.</summary>
    /// <remarks>Where the format has checksums, what is read must be the <paramref name="original"/>.</remarks>
    public static bool IsReadOrRefused(string path, byte[] content, Func<string, StateDict> read, StateDict? original = null)
    {
        File.WriteAllBytes(path, content);
        var managed = GC.GetAllocatedBytesForCurrentThread();
        var tensors = Tensor.TotalCount;
        var succeeded = false;
        try
        {
            using var state = read(path);
            using var scope = NewDisposeScope();
            foreach (var name in state.Names)
            {
                state.Peek(name).contiguous().to(float64).sum().item<double>();
            }
            Assert.Equal(original?.Names ?? state.Names, state.Names);
            foreach (var name in original?.Names ?? [])
            {
                Same.Tensors(original!.Peek(name), state.Peek(name));
            }
            succeeded = true;
        }
        catch (CheckpointException error)
        {
            SafetensorsMalformedTests.OneLineOf(error, path, "");
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - managed, 0, MaxManagedBytes);
        // Fewer: the collector may finalise what other tests left behind.
        Assert.InRange(Tensor.TotalCount, 0, tensors);
        return succeeded;
    }

    /// <summary>The largest amount of memory this process has had, in bytes; 0 where the system does not say.</summary>
    public static long PeakMemory()
    {
        var line = File.Exists("/proc/self/status") ? File.ReadLines("/proc/self/status").FirstOrDefault(text => text.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
        return line is null ? 0 : long.Parse(new string([.. line.Where(char.IsAsciiDigit)])) << 10;
    }
}
