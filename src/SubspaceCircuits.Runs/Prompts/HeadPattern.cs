using System.Buffers.Binary;

namespace SubspaceCircuits.Runs;

/// <summary>One head's attention on one sequence.</summary>
/// <param name="Layer">Layer.</param>
/// <param name="Head">Head within its layer.</param>
/// <param name="Values">[query, key]; every row adds up to 1, keys after the query are 0.</param>
public sealed record HeadPattern(int Layer, int Head, float[,] Values)
{
    /// <summary>Name of the head: <c>a0.1</c>.</summary>
    public string Name => $"a{Layer}.{Head}";

    /// <summary>
    /// The lower triangle row by row, <c>(0,0) (1,0) (1,1) (2,0) …</c>, as 16-bit numbers <c>round(65535·value)</c>, least byte first, in base64:
    /// a sixth of the size of decimal digits, and no entry is off by more than 1/131070.
    /// </summary>
    public string Packed()
    {
        var size = Values.GetLength(0);
        var bytes = new byte[size * (size + 1)];
        var at = 0;
        for (var query = 0; query < size; query++)
        {
            for (var key = 0; key <= query; key++, at += 2)
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)Math.Round(65535 * Math.Clamp(Values[query, key], 0f, 1f)));
        }

        return Convert.ToBase64String(bytes);
    }
}
