using System.Text;
using CsCheck;

namespace SubspaceCircuits.Tests.Checkpoints;

/// <summary>Random damage to files.</summary>
internal static class Mutation
{
    private static readonly string[] Numbers = ["0", "1", "-1", "7", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e3", "1.5", "", "null"];

    /// <summary>One to four bytes changed, anywhere.</summary>
    public static Gen<byte[]> Flips(byte[] original) =>
        Gen.Select(Gen.Int[0, original.Length - 1], Gen.Byte).Array[1, 4].Select(flips =>
        {
            var mutant = (byte[])original.Clone();
            foreach (var (position, value) in flips)
            {
                mutant[position] = value;
            }
            return mutant;
        });

    /// <summary>A piece cut out, repeated, or the end cut off.</summary>
    public static Gen<byte[]> Pieces(byte[] original) =>
        Gen.Select(Gen.Int[0, original.Length], Gen.Int[0, original.Length], Gen.Int[0, 2]).Select((a, b, kind) =>
        {
            var (start, end) = (Math.Min(a, b), Math.Max(a, b));
            return kind switch
            {
                0 => original[..end],
                1 => [.. original[..start], .. original[end..]],
                _ => (byte[])[.. original[..end], .. original[start..]],
            };
        });

    /// <summary>One number in the JSON header of a safetensors file replaced; the announced length stays right.</summary>
    public static Gen<byte[]> HeaderNumbers(byte[] original)
    {
        var length = (int)BitConverter.ToUInt64(original);
        var json = Encoding.UTF8.GetString(original, 8, length);
        var digits = Enumerable.Range(0, json.Length).Where(i => char.IsAsciiDigit(json[i]) && !char.IsAsciiDigit(json[i - 1])).ToArray();
        return Gen.Select(Gen.Int[0, digits.Length - 1], Gen.Int[0, Numbers.Length - 1]).Select((digit, choice) =>
        {
            var (start, end, number) = (digits[digit], digits[digit], Numbers[choice]);
            while (char.IsAsciiDigit(json[end]))
            {
                end++;
            }
            var mutant = Encoding.UTF8.GetBytes(json[..start] + number + json[end..]);
            return (byte[])[.. BitConverter.GetBytes((ulong)mutant.Length), .. mutant, .. original[(8 + length)..]];
        });
    }

    /// <summary>Another announced header length.</summary>
    public static Gen<byte[]> HeaderLength(byte[] original) =>
        Gen.OneOf(Gen.ULong, Gen.ULong[0, (ulong)original.Length + 8], Gen.Const(100_000_000UL), Gen.Const(ulong.MaxValue), Gen.Const((ulong)long.MaxValue))
            .Select(length => (byte[])[.. BitConverter.GetBytes(length), .. original[8..]]);
}
