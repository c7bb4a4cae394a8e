using System.Buffers.Binary;
using CsCheck;
using SubspaceCircuits.Backend;

namespace SubspaceCircuits.Tests.Backend;

public class ElfVersionNeedsTests
{
    private const uint VersionNeedSection = 0x6ffffffe;   // SHT_GNU_verneed
    private const uint VersionSymbolSection = 0x6fffffff; // SHT_GNU_versym

    private static readonly byte[] Original = BundledShim.Image;

    [Fact]
    public void One_byte_gains_the_weak_flag()
    {
        var image = (byte[])Original.Clone();

        Assert.True(ElfVersionNeeds.MakeWeak(image, BundledShim.Version, BundledShim.Marker));

        var changed = Enumerable.Range(0, image.Length).Single(i => image[i] != Original[i]);
        Assert.Equal((0, 2), (Original[changed], image[changed]));
        var (offset, size) = Section(Original, VersionNeedSection);
        Assert.InRange(changed, offset, offset + size - 1);
    }

    [Fact]
    public void Second_time_changes_nothing()
    {
        var image = (byte[])Original.Clone();
        ElfVersionNeeds.MakeWeak(image, BundledShim.Version, BundledShim.Marker);
        var once = (byte[])image.Clone();

        Assert.True(ElfVersionNeeds.MakeWeak(image, BundledShim.Version, BundledShim.Marker));

        Assert.Equal(once, image);
    }

    [Theory]
    [InlineData("GLIBCXX_3.4.32", "_ZSt4cout")]                       // the version's one symbol is another
    [InlineData("GLIBCXX_3.4", "_ZSt21ios_base_library_initv")]       // many symbols need the version
    [InlineData("GLIBCXX_9.9.9", "_ZSt21ios_base_library_initv")]     // nobody needs it
    [InlineData("GLIBCXX_3.4.3", "_ZSt21ios_base_library_initv")]     // the beginning of a version's name
    [InlineData("", "_ZSt21ios_base_library_initv")]
    public void Requirement_of_other_symbols_is_left_alone(string version, string marker)
    {
        var image = (byte[])Original.Clone();

        Assert.False(ElfVersionNeeds.MakeWeak(image, version, marker));

        Assert.Equal(Original, image);
    }

    [Fact]
    public void Second_symbol_of_the_version_forbids_the_change()
    {
        var image = (byte[])Original.Clone();
        var (offset, size) = Section(image, VersionSymbolSection);
        var version = VersionIndexOfMarker(image);
        var other = Enumerable.Range(1, (int)size / 2 - 1).First(i => U16(image, offset + 2 * i) != version);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan((int)offset + 2 * other), version);
        var before = (byte[])image.Clone();

        Assert.False(ElfVersionNeeds.MakeWeak(image, BundledShim.Version, BundledShim.Marker));

        Assert.Equal(before, image);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MZ")]
    [InlineData("\u007fELF\u0001\u0001")] // 32 bits
    [InlineData("\u007fELF\u0002\u0002")] // big-endian
    public void File_that_is_no_64_bit_ELF_is_refused(string start)
    {
        var image = new byte[start.Length == 0 ? 0 : 200];
        for (var i = 0; i < start.Length; i++)
            image[i] = (byte)start[i];

        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MakeWeak(image, BundledShim.Version, BundledShim.Marker));
    }

    [Fact]
    public void Truncated_image_is_refused()
    {
        foreach (var length in (int[])[0, 5, 63, 64, 1000, Original.Length / 2, Original.Length - 1])
            Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MakeWeak(Original.AsSpan(0, length).ToArray(), BundledShim.Version, BundledShim.Marker));
    }

    [Fact]
    public void Damaged_header_is_refused_or_read() => ReadOrRefused(Gen.Int[0, 63]);

    [Fact]
    public void Damaged_section_table_is_refused_or_read()
    {
        var table = (int)BinaryPrimitives.ReadUInt64LittleEndian(Original.AsSpan(40));
        ReadOrRefused(Gen.Int[table, Original.Length - 1]);
    }

    [Fact]
    public void Damaged_version_table_is_refused_or_read()
    {
        var (offset, size) = Section(Original, VersionNeedSection);
        ReadOrRefused(Gen.Int[(int)offset, (int)(offset + size) - 1]);
    }

    // Two entries whose "next" add up to 2^32: an address that wraps around would go round for ever.
    [Fact]
    public void Entries_that_point_beyond_the_image_are_refused()
    {
        var image = (byte[])Original.Clone();
        var (offset, _) = Section(image, VersionNeedSection);
        Array.Fill(image, (byte)0, (int)offset, 48);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan((int)offset + 8), 16);              // the first auxiliary entry
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan((int)offset + 16 + 12), 16);        // its next one
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan((int)offset + 32 + 12), uint.MaxValue - 15); // and back again

        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MakeWeak(image, BundledShim.Version, BundledShim.Marker));
    }

    /// <summary>2,000 images with one to eight bytes changed; every byte that is not the flag stays what it was.</summary>
    private static void ReadOrRefused(Gen<int> place)
    {
        var image = (byte[])Original.Clone();
        Gen.Select(place, Gen.Byte).Array[1, 8].Sample(changes =>
        {
            foreach (var (position, value) in changes)
                image[position] = value;
            try
            {
                ElfVersionNeeds.MakeWeak(image, BundledShim.Version, BundledShim.Marker);
            }
            catch (InvalidDataException)
            {
            }
            Original.CopyTo(image, 0);
        }, iter: 2000, threads: 1);
    }

    private static ushort VersionIndexOfMarker(byte[] image)
    {
        var weak = (byte[])image.Clone();
        ElfVersionNeeds.MakeWeak(weak, BundledShim.Version, BundledShim.Marker);
        var flag = Enumerable.Range(0, image.Length).Single(i => image[i] != weak[i]); // vna_flags, two bytes before vna_other
        return U16(image, flag + 2);
    }

    private static (long Offset, long Size) Section(byte[] image, uint type)
    {
        var table = (int)BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(40));
        var index = Enumerable.Range(0, U16(image, 60)).Single(i => BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(table + 64 * i + 4)) == type);
        var header = image.AsSpan(table + 64 * index);
        return ((long)BinaryPrimitives.ReadUInt64LittleEndian(header[24..]), (long)BinaryPrimitives.ReadUInt64LittleEndian(header[32..]));
    }

    private static ushort U16(byte[] image, long offset) => BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan((int)offset));
}
