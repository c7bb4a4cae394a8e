using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace SubspaceCircuits.Checkpoints.Pickles;

/// <summary>A cursor over the bytes of a pickle; reading beyond the end is a <see cref="CheckpointException"/>.</summary>
internal sealed class PickleInput(string file, ReadOnlyMemory<byte> pickle)
{
    private const int MaxLine = 256;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    public byte Byte() => Bytes(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(sizeof(ushort)));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(sizeof(int)));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(sizeof(uint)));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(sizeof(ulong)));

    /// <summary>The only big-endian number of the format.</summary>
    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Bytes(sizeof(double)));

    /// <summary>A two's complement integer of up to eight bytes.</summary>
    public long Integer(int length)
    {
        if (length > sizeof(long))
        {
            throw Error($"an integer of {length} bytes; at most {sizeof(long)} are read");
        }
        var bytes = Bytes(length);
        var value = length > 0 && bytes[^1] >= 0x80 ? -1L : 0L;
        for (var i = length - 1; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }
        return value;
    }

    public string Text(ulong length)
    {
        var bytes = Bytes(length);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw Error("a string that is not UTF-8");
    }

    /// <summary>Text up to a line feed, which is skipped.</summary>
    public string Line()
    {
        var rest = pickle.Span[Position..];
        var length = rest[..Math.Min(rest.Length, MaxLine)].IndexOf((byte)'\n');
        if (length < 0)
        {
            throw Error($"a name without end within {MaxLine} bytes");
        }
        var line = Text((ulong)length);
        Position++;
        return line;
    }

    public ReadOnlySpan<byte> Bytes(ulong length)
    {
        if (length > (ulong)(pickle.Length - Position))
        {
            throw Error("the pickle ends too early");
        }
        var bytes = pickle.Span.Slice(Position, (int)length);
        Position += (int)length;
        return bytes;
    }

    /// <summary>An exception that names the file and the place in the pickle.</summary>
    public CheckpointException Error(string problem) => new(file, $"pickle, byte {Position}: {problem}");

    private ReadOnlySpan<byte> Bytes(int length) => Bytes((ulong)length);
}
