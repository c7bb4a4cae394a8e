using System.Runtime.InteropServices;

namespace SubspaceCircuits.Checkpoints;

/// <summary>Opens files for reading and writes them all or not at all; every failure is a <see cref="CheckpointException"/>.</summary>
internal static class CheckpointFile
{
    /// <summary>Opens the file, reads it with <paramref name="read"/> and closes it.</summary>
    public static T Read<T>(string path, Func<FileStream, T> read)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return read(stream);
        }
        catch (EndOfStreamException e)
        {
            throw new CheckpointException(path, "the file ends too early", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(path, "no such file", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException and not CheckpointException)
        {
            throw new CheckpointException(path, $"cannot be read: {OneLine.Clean(e.Message).TrimEnd('.')}", e);
        }
        // What TorchSharp throws for libtorch, here for want of memory: sizes are checked before.
        catch (ExternalException e)
        {
            throw new CheckpointException(path, $"torch cannot hold its tensors: {OneLine.Clean(e.Message).TrimEnd('.')}", e);
        }
    }

    /// <summary>
    /// Writes a neighbour of the file, flushes it to the disk and renames it: a reader sees the old file or the new one,
    /// also after a power cut.
    /// </summary>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var unfinished = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new CheckpointException(path, $"cannot be written: {OneLine.Clean(e.Message).TrimEnd('.')}", e);
        }
        finally
        {
            if (File.Exists(unfinished))
            {
                File.Delete(unfinished);
            }
        }
    }
}
