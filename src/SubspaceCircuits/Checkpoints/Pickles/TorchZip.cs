using System.IO.Compression;
using System.Text;

namespace SubspaceCircuits.Checkpoints.Pickles;

/// <summary>The zip file that <c>torch.save</c> writes: a pickle and one entry for each storage, all in one folder.</summary>
internal sealed class TorchZip : IDisposable
{
    private const string PickleName = "data.pkl";
    private const long MaxPickle = 64L << 20;

    // The best that deflate can do: a match of 258 bytes in two bits.
    private const long MaxDeflateRatio = 1032;

    private readonly string file;
    private readonly ZipArchive zip;
    private readonly Dictionary<string, ZipArchiveEntry> entries = new(StringComparer.Ordinal);
    private readonly string folder;

    private TorchZip(string file, Stream stream)
    {
        this.file = file;
        zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        var packed = (Int128)0;
        foreach (var entry in zip.Entries)
        {
            packed += entry.CompressedLength;
            if (!entries.TryAdd(entry.FullName, entry) || entry.CompressedLength < 0 || packed > stream.Length
                || entry.Length < 0 || entry.Length / MaxDeflateRatio > entry.CompressedLength + 1)
            {
                throw new CheckpointException(file, $"zip entry {OneLine.Quote(entry.FullName)} occurs twice or announces an impossible size");
            }
        }
        var pickles = entries.Keys.Where(name => name.EndsWith($"/{PickleName}", StringComparison.Ordinal)).ToList();
        folder = pickles is [var pickle] ? pickle[..^PickleName.Length]
            : throw new CheckpointException(file, $"not a PyTorch file: the zip holds {pickles.Count} entries called <folder>/{PickleName} instead of one");
        RequireLittleEndian();
    }

    /// <summary>Opens the archive in the stream, which stays the caller's, and calls <paramref name="read"/>.</summary>
    public static T Read<T>(string file, Stream stream, Func<TorchZip, T> read)
    {
        try
        {
            using var zip = new TorchZip(file, stream);
            return read(zip);
        }
        // What ZipArchive throws on damaged files; everything else checks before it acts.
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or ArgumentException or OverflowException)
        {
            throw new CheckpointException(file, $"damaged zip file: {OneLine.Clean(e.Message).TrimEnd('.')}", e);
        }
    }

    public byte[] ReadPickle()
    {
        var entry = entries[folder + PickleName];
        if (entry.Length > MaxPickle)
        {
            throw new CheckpointException(file, $"its pickle of {entry.Length} bytes is longer than the {MaxPickle} that are read");
        }
        return ReadBytes(entry);
    }

    /// <summary>Reads one storage; its entry must hold exactly the announced number of elements.</summary>
    /// <returns>[count].</returns>
    public Tensor ReadStorage(string key, ScalarType dtype, long count)
    {
        if (!entries.TryGetValue($"{folder}data/{key}", out var entry))
        {
            throw new CheckpointException(file, $"storage {OneLine.Quote(key)} is missing");
        }
        if (entry.Length % dtype.ElementSize() != 0 || entry.Length / dtype.ElementSize() != count)
        {
            throw new CheckpointException(file, $"storage {OneLine.Quote(key)} should hold {count} elements of {dtype} but has {entry.Length} bytes");
        }
        using var stream = entry.Open();
        var tensor = TensorBytes.Read(stream, dtype, [count]);
        var sum = new Crc32();
        TensorBytes.ForEachBlock(tensor, block => sum.Append(block));
        RequireIntact(entry, stream, sum);
        return tensor;
    }

    public void Dispose() => zip.Dispose();

    private byte[] ReadBytes(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        var bytes = new byte[entry.Length];
        stream.ReadExactly(bytes);
        var sum = new Crc32();
        sum.Append(bytes);
        RequireIntact(entry, stream, sum);
        return bytes;
    }

    private void RequireIntact(ZipArchiveEntry entry, Stream stream, Crc32 sum)
    {
        if (stream.ReadByte() != -1 || sum.Value != entry.Crc32)
        {
            throw new CheckpointException(file, $"zip entry {OneLine.Quote(entry.FullName)} is damaged: its length or checksum is wrong");
        }
    }

    /// <summary>Files of PyTorch before 2.1 do not say; they come from little-endian machines but for rare exceptions.</summary>
    private void RequireLittleEndian()
    {
        if (!entries.TryGetValue(folder + "byteorder", out var entry))
        {
            return;
        }
        var order = entry.Length < 16 ? Encoding.ASCII.GetString(ReadBytes(entry)) : "";
        if (order != "little")
        {
            throw new CheckpointException(file, order == "big"
                ? "written on a big-endian machine; load it in PyTorch on a little-endian one and save it again"
                : $"unknown byte order {OneLine.Quote(order)}");
        }
    }
}
