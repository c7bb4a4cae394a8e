using System.Buffers.Binary;
using System.Text;

namespace SubspaceCircuits.Backend;

/// <summary>
/// Makes one symbol-version requirement of a 64-bit little-endian ELF image weak, by setting <c>VER_FLG_WEAK</c> in its
/// <c>.gnu.version_r</c> entry (System V gABI, GNU symbol versioning). The loader then accepts a library that lacks that version.
/// </summary>
internal static class ElfVersionNeeds
{
    private const uint VersionNeedSection = 0x6ffffffe;   // SHT_GNU_verneed
    private const uint VersionSymbolSection = 0x6fffffff; // SHT_GNU_versym
    private const uint DynamicSymbolSection = 11;         // SHT_DYNSYM
    private const ushort WeakFlag = 2;                    // VER_FLG_WEAK

    /// <summary>
    /// Sets the flag on <paramref name="version"/>, provided that nothing but <paramref name="marker"/> asks for it.
    /// </summary>
    /// <param name="image">The bytes of the file, changed in place: exactly one of them.</param>
    /// <param name="version">Version name, such as <c>GLIBCXX_3.4.32</c>.</param>
    /// <param name="marker">The one symbol that may carry this version; a marker without relocation, so never called.</param>
    /// <returns>False when the image does not ask for the version, or when another symbol needs it: then nothing was changed.</returns>
    /// <exception cref="InvalidDataException">The image is not a 64-bit little-endian ELF file, or is cut short.</exception>
    public static bool MakeWeak(Span<byte> image, string version, string marker)
    {
        try
        {
            return MakeWeakUnchecked(image, version, marker);
        }
        catch (ArgumentOutOfRangeException inner)
        {
            throw new InvalidDataException("The ELF image is cut short.", inner);
        }
    }

    private static bool MakeWeakUnchecked(Span<byte> image, string version, string marker)
    {
        if (image.Length < 64 || !image[..6].SequenceEqual("\u007fELF\u0002\u0001"u8))
            throw new InvalidDataException("Not a 64-bit little-endian ELF image.");

        var needs = Section(image, VersionNeedSection);
        if (needs is null)
            return false;

        for (var need = needs.Value.Offset; ;)
        {
            for (var aux = need + U32(image, need + 8); ;)
            {
                if (Text(image, needs.Value.Strings + U32(image, aux + 8)) == version)
                {
                    if (!OnlyUsedBy(image, U16(image, aux + 6), marker))
                        return false;
                    image[(int)aux + 4] |= (byte)WeakFlag;
                    return true;
                }

                if (U32(image, aux + 12) is 0)
                    break;
                aux += U32(image, aux + 12);
            }

            if (U32(image, need + 12) is 0)
                return false;
            need += U32(image, need + 12);
        }
    }

    private static bool OnlyUsedBy(ReadOnlySpan<byte> image, ushort index, string marker)
    {
        if (Section(image, VersionSymbolSection) is not { } versions || Section(image, DynamicSymbolSection) is not { } symbols)
            return false;

        for (long i = 0; i < versions.Size / 2; i++)
        {
            var isOfVersion = (U16(image, versions.Offset + 2 * i) & 0x7fff) == index;
            if (isOfVersion && Text(image, symbols.Strings + U32(image, symbols.Offset + 24 * i)) != marker)
                return false;
        }

        return true;
    }

    /// <summary>The first section of a type: its place, its size, and where its string table starts.</summary>
    private static (long Offset, long Size, long Strings)? Section(ReadOnlySpan<byte> image, uint type)
    {
        var table = (long)U64(image, 40);
        var entrySize = U16(image, 58);
        var count = U16(image, 60);
        _ = From(image, table + (long)count * entrySize);
        for (var i = 0; i < count; i++)
        {
            var header = table + (long)i * entrySize;
            if (U32(image, header + 4) != type)
                continue;
            var strings = table + (long)U32(image, header + 40) * entrySize;
            return ((long)U64(image, header + 24), (long)U64(image, header + 32), (long)U64(image, strings + 24));
        }

        return null;
    }

    private static string Text(ReadOnlySpan<byte> image, long offset)
    {
        var rest = From(image, offset);
        return Encoding.ASCII.GetString(rest[..Math.Max(0, rest.IndexOf((byte)0))]);
    }

    private static ushort U16(ReadOnlySpan<byte> image, long offset) => BinaryPrimitives.ReadUInt16LittleEndian(From(image, offset));

    private static uint U32(ReadOnlySpan<byte> image, long offset) => BinaryPrimitives.ReadUInt32LittleEndian(From(image, offset));

    private static ulong U64(ReadOnlySpan<byte> image, long offset) => BinaryPrimitives.ReadUInt64LittleEndian(From(image, offset));

    /// <summary>What follows an offset, which a damaged image may give any value: no truncation to 32 bits, so no going round in circles.</summary>
    private static ReadOnlySpan<byte> From(ReadOnlySpan<byte> image, long offset) =>
        offset >= 0 && offset <= image.Length ? image[(int)offset..] : throw new ArgumentOutOfRangeException(nameof(offset));
}
