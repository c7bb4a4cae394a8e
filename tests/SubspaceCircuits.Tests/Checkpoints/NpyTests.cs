using System.Buffers.Binary;
using System.Text;
using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Tests.Checkpoints;

public class NpyTests
{
    [Theory]
    [InlineData("()")]
    [InlineData("(0, 3)")]
    [InlineData("(5,)")]
    [InlineData("(2, 3, 4)")]
    public void Round_trip_keeps_shape_and_values(string shape)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var sizes = shape.Trim('(', ')').Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse).ToArray();
        var tensor = randn(sizes);

        Npy.Write(folder["a.npy"], tensor);
        var bytes = File.ReadAllBytes(folder["a.npy"]);

        Same.Tensors(tensor, Npy.Read(folder["a.npy"]));
        Assert.Equal(0, (bytes.Length - tensor.NumberOfElements * 4) % 64);
        Assert.Contains($"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}", Encoding.ASCII.GetString(bytes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<f2", ScalarType.Float16)]
    [InlineData("<f4", ScalarType.Float32)]
    [InlineData("<f8", ScalarType.Float64)]
    [InlineData("<i8", ScalarType.Int64)]
    [InlineData("<i4", ScalarType.Int32)]
    [InlineData("<i2", ScalarType.Int16)]
    [InlineData("|i1", ScalarType.Int8)]
    [InlineData("|u1", ScalarType.Byte)]
    [InlineData("|b1", ScalarType.Bool)]
    public void Every_type_is_read_in_every_version(string descr, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var expected = tensor(new[] { 0, 1, 1, 0 }).reshape(2, 2).to(type);
        var elements = expected.flatten().bytes.ToArray();

        foreach (var version in new byte[] { 1, 2, 3 })
        {
            var path = folder.Write("a.npy", ArrayFile(version, $"{{'descr': '{descr}', 'fortran_order': False, 'shape': (2, 2), }}", elements));

            Same.Tensors(expected, Npy.Read(path));
        }
    }

    [Fact]
    public void Fortran_order_is_read_as_the_same_array()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var expected = arange(24, dtype: ScalarType.Byte).reshape(2, 3, 4);
        var elements = expected.permute(2, 1, 0).contiguous().bytes.ToArray();
        var path = folder.Write("a.npy", ArrayFile(1, "{'shape': (2, 3, 4), 'fortran_order': True, 'descr': '|u1'}", elements));

        var read = Npy.Read(path);

        Same.Tensors(expected, read);
        Assert.True(read.is_contiguous());
    }

    [Theory]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", 8, "type '>f4' is not one of <f8")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", 8, "type '|O' is not one of")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", 8, "shape [3] of Float32 does not take the 8 bytes that follow the header")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", 8, "does not take the 8 bytes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", 8, "not a header with descr, fortran_order and shape")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 8, "not a header with")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1 2,), }", 8, "not a header with")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", 8, "not a header with")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), }", 8, "not a header with")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'shape': (2,), }", 8, "not a header with")]
    [InlineData("", 8, "not a header with")]
    public void Header_is_refused_in_one_line(string header, int dataLength, string problem)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.npy", ArrayFile(1, header, new byte[dataLength]));

        SafetensorsMalformedTests.OneLineOf(Assert.Throws<CheckpointException>(() => Npy.Read(path)), path, problem);
    }

    [Theory]
    [InlineData(new byte[0], "not a NumPy array file of version 1 to 3")]
    [InlineData(new byte[] { 0x93, 78, 85, 77, 80, 89, 4, 0, 0, 0, 0, 0 }, "not a NumPy array file of version 1 to 3")]
    [InlineData(new byte[] { 0x93, 78, 85, 77, 80, 89, 1, 0, 3, 0, 0, 0 }, "announces a header of 3 bytes where at most 2 are possible")]
    [InlineData(new byte[] { 0x93, 78, 85, 77, 80, 89, 2, 0, 255, 255, 255, 255 }, "announces a header of 4294967295 bytes where at most 0 are possible")]
    public void File_that_is_no_array_is_refused(byte[] content, string problem)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.npy", content);

        SafetensorsMalformedTests.OneLineOf(Assert.Throws<CheckpointException>(() => Npy.Read(path)), path, problem);
    }

    [Fact]
    public void Write_refuses_other_types_than_float32()
    {
        using var scope = NewDisposeScope();

        var error = Assert.Throws<ArgumentException>(() => Npy.Write("a.npy", ones(2, dtype: float64)));

        Assert.StartsWith("The array should be Float32 but is Float64.", error.Message, StringComparison.Ordinal);
    }

    private static byte[] ArrayFile(byte version, string header, byte[] elements)
    {
        var length = new byte[version == 1 ? 2 : 4];
        if (version == 1)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)(header.Length + 1));
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, header.Length + 1);
        }
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. Encoding.ASCII.GetBytes(header + "\n"), .. elements];
    }
}
