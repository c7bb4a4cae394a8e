using System.IO.Compression;
using System.Text;

namespace SubspaceCircuits.Tests.Checkpoints;

/// <summary>Puts together .pt files, byte for byte, that PyTorch would never write.</summary>
internal static class TorchFile
{
    public static byte[] None => [(byte)'N'];

    public static byte[] False => [0x89];

    public static byte[] OrderedDict => Call(Global("collections", "OrderedDict"));

    /// <summary>A file with this pickle and one storage '0' of six floats 0 to 5.</summary>
    public static byte[] WithPickle(byte[] pickle, CompressionLevel level = CompressionLevel.NoCompression) =>
        Zip(level, ("archive/data.pkl", pickle), ("archive/data/0", SixFloats()));

    public static byte[] SixFloats() => [.. Enumerable.Range(0, 6).SelectMany(i => BitConverter.GetBytes((float)i))];

    public static byte[] Zip(CompressionLevel level, params (string Name, byte[] Content)[] entries)
    {
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var stream = zip.CreateEntry(name, level).Open();
                stream.Write(content);
            }
        }
        return buffer.ToArray();
    }

    /// <summary>The same zip file with all sizes and places in zip64 fields, as in files over 4 GB.</summary>
    public static byte[] AsZip64(byte[] zip)
    {
        var end = zip.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        var count = BitConverter.ToUInt16(zip, end + 10);
        var start = BitConverter.ToInt32(zip, end + 16);
        List<byte> result = [.. zip[..start]];
        for (int i = 0, header = start; i < count; i++)
        {
            var (packed, size, place) = (BitConverter.ToUInt32(zip, header + 20), BitConverter.ToUInt32(zip, header + 24), BitConverter.ToUInt32(zip, header + 42));
            var nameLength = BitConverter.ToUInt16(zip, header + 28);
            result.AddRange([.. zip[header..(header + 20)], .. Ones(8), .. zip[(header + 28)..(header + 30)], 28, 0, .. zip[(header + 32)..(header + 42)], .. Ones(4)]);
            result.AddRange([.. zip[(header + 46)..(header + 46 + nameLength)], 1, 0, 24, 0, .. Long(size), .. Long(packed), .. Long(place)]);
            header += 46 + nameLength;
        }
        var record = result.Count;
        result.AddRange([.. "PK\u0006\u0006"u8, .. Long(44), 45, 0, 45, 0, .. new byte[8], .. Long(count), .. Long(count), .. Long(record - start), .. Long(start)]);
        result.AddRange([.. "PK\u0006\u0007"u8, .. new byte[4], .. Long(record), 1, 0, 0, 0]);
        result.AddRange([.. "PK\u0005\u0006"u8, .. new byte[4], .. Ones(12), 0, 0]);
        return [.. result];

        static byte[] Long(long value) => BitConverter.GetBytes(value);
        static byte[] Ones(int length) => [.. Enumerable.Repeat((byte)255, length)];
    }

    /// <summary>A complete pickle of protocol 2.</summary>
    public static byte[] Pickle(params byte[][] body) => [0x80, 2, .. body.SelectMany(part => part), (byte)'.'];

    public static byte[] Int(long value) => [0x8a, 8, .. BitConverter.GetBytes(value)];

    public static byte[] Text(string text) => [(byte)'X', .. BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    public static byte[] Global(string module, string name) => [(byte)'c', .. Encoding.UTF8.GetBytes($"{module}\n{name}\n")];

    public static byte[] Tuple(params byte[][] items) => [(byte)'(', .. items.SelectMany(item => item), (byte)'t'];

    public static byte[] Ints(params long[] values) => Tuple([.. values.Select(Int)]);

    public static byte[] Call(byte[] function, params byte[][] arguments) => [.. function, .. Tuple(arguments), (byte)'R'];

    public static byte[] Storage(string type = "FloatStorage", string key = "0", long count = 6, string module = "torch") =>
        [.. Tuple(Text("storage"), Global(module, type), Text(key), Text("cuda:0"), Int(count)), (byte)'Q'];

    public static byte[] Tensor(long[] size, long[] stride, long offset = 0, byte[]? storage = null) =>
        Call(Global("torch._utils", "_rebuild_tensor_v2"), storage ?? Storage(), Int(offset), Ints(size), Ints(stride), False, OrderedDict);
}
