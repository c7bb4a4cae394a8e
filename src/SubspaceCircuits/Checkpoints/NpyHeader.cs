using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;

namespace SubspaceCircuits.Checkpoints;

/// <summary>The header of a NumPy array file: a Python dictionary literal of which only the three known keys are read.</summary>
internal sealed partial record NpyHeader(ScalarType DType, bool IsFortranOrder, long[] Shape)
{
    /// <summary>NumPy pads the header so that the data is aligned.</summary>
    private const int Alignment = 64;

    // NumPy itself refuses longer ones.
    private const int MaxLength = 10_000;

    private static readonly Dictionary<string, ScalarType> Types = new(StringComparer.Ordinal)
    {
        ["<f8"] = ScalarType.Float64,
        ["<f4"] = ScalarType.Float32,
        ["<f2"] = ScalarType.Float16,
        ["<i8"] = ScalarType.Int64,
        ["<i4"] = ScalarType.Int32,
        ["<i2"] = ScalarType.Int16,
        ["|i1"] = ScalarType.Int8,
        ["|u1"] = ScalarType.Byte,
        ["|b1"] = ScalarType.Bool,
    };

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads the header and checks it against the file's length; the stream then stands at the first element.</summary>
    public static NpyHeader Read(string file, Stream stream)
    {
        Span<byte> start = stackalloc byte[12];
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        if (start.Length < 12 || !start[..6].SequenceEqual(Magic) || start[6] is < 1 or > 3)
        {
            throw new CheckpointException(file, "not a NumPy array file of version 1 to 3");
        }
        var prefix = start[6] == 1 ? 10 : 12;
        var length = start[6] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (length > Math.Min(stream.Length - prefix, MaxLength))
        {
            throw new CheckpointException(file, $"announces a header of {length} bytes where at most {Math.Min(stream.Length - prefix, MaxLength)} are possible");
        }
        stream.Position = prefix;
        var text = new byte[length];
        stream.ReadExactly(text);
        var header = Parse(file, Encoding.Latin1.GetString(text));
        header.RequireLength(file, stream.Length - stream.Position);
        return header;
    }

    /// <summary>The bytes before the first element of a row-major float32 array.</summary>
    public static byte[] Float32(ReadOnlySpan<long> shape)
    {
        var sizes = string.Concat(shape.ToArray().Select(size => $"{size}, "));
        sizes = shape.Length > 1 ? sizes[..^2] : sizes.TrimEnd();
        var text = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({sizes}), }}";
        var padding = Alignment - 1 - (10 + text.Length) % Alignment;
        var length = text.Length + padding + 1;
        return [.. Magic, 1, 0, (byte)length, (byte)(length >> 8), .. Encoding.Latin1.GetBytes(text.PadRight(length - 1)), (byte)'\n'];
    }

    private static NpyHeader Parse(string file, string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var match = Literal().Match(text);
        var (keys, found) = (match.Groups["key"].Captures, match.Groups["value"].Captures);
        for (var i = 0; i < keys.Count; i++)
        {
            values[keys[i].Value] = found[i].Value;
        }
        if (keys.Count != 3 || !values.TryGetValue("descr", out var descr) || !values.TryGetValue("fortran_order", out var order)
            || !values.TryGetValue("shape", out var shape) || order is not ("True" or "False") || !TryShape(shape, out var sizes))
        {
            throw new CheckpointException(file, $"not a header with descr, fortran_order and shape: {OneLine.Quote(text.Trim())}");
        }
        if (!Types.TryGetValue(descr.Trim('\'', '"'), out var type))
        {
            throw new CheckpointException(file, $"type {OneLine.Clean(descr)} is not one of {string.Join(' ', Types.Keys)}");
        }
        return new NpyHeader(type, order == "True", sizes);
    }

    private static bool TryShape(string tuple, out long[] sizes)
    {
        var parts = tuple.Trim('(', ')').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        sizes = new long[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!long.TryParse(parts[i], out sizes[i]))
            {
                return false;
            }
        }
        return tuple.StartsWith('(');
    }

    private void RequireLength(string file, long bytes)
    {
        if (!TensorBytes.TryCount(Shape, out var count) || count * DType.ElementSize() != bytes)
        {
            throw new CheckpointException(file, $"shape {OneLine.Shape(Shape)} of {DType} does not take the {bytes} bytes that follow the header");
        }
    }

    [GeneratedRegex("""^\{(?:\s*['"](?<key>\w+)['"]\s*:\s*(?<value>'[^']*'|"[^"]*"|True|False|\([\d\s,]*\))\s*(?:,|(?=\})))*\s*\}\s*$""", RegexOptions.ExplicitCapture)]
    private static partial Regex Literal();
}
