namespace SubspaceCircuits.Checkpoints.Pickles;

/// <summary>The checksum of zip files (polynomial 0xEDB88320, reflected), eight bytes at a time.</summary>
internal sealed class Crc32
{
    private static readonly uint[][] Tables = CreateTables();

    private uint state = uint.MaxValue;

    /// <summary>The checksum of everything appended so far.</summary>
    public uint Value => ~state;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        var (crc, t) = (state, Tables);
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            crc ^= (uint)(bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24);
            crc = t[7][crc & 0xff] ^ t[6][(crc >> 8) & 0xff] ^ t[5][(crc >> 16) & 0xff] ^ t[4][crc >> 24]
                ^ t[3][bytes[4]] ^ t[2][bytes[5]] ^ t[1][bytes[6]] ^ t[0][bytes[7]];
        }
        foreach (var value in bytes)
        {
            crc = t[0][(crc ^ value) & 0xff] ^ (crc >> 8);
        }
        state = crc;
    }

    /// <summary>Table k holds the effect of a byte that is followed by k zero bytes.</summary>
    private static uint[][] CreateTables()
    {
        var tables = Enumerable.Range(0, 8).Select(_ => new uint[256]).ToArray();
        for (var i = 0u; i < 256; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
            tables[0][i] = crc;
        }
        for (var k = 1; k < 8; k++)
        {
            for (var i = 0; i < 256; i++)
            {
                tables[k][i] = (tables[k - 1][i] >> 8) ^ tables[0][tables[k - 1][i] & 0xff];
            }
        }
        return tables;
    }
}
