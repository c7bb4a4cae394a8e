using System.Buffers.Binary;
using System.IO.Compression;
using SubspaceCircuits.Checkpoints;
using static SubspaceCircuits.Tests.Checkpoints.TorchFile;

namespace SubspaceCircuits.Tests.Checkpoints;

public class TorchArchiveMalformedTests
{
    public static TheoryData<string, byte[], string> Pickles => new()
    {
        { "global", Pickle(Call(Global("posix", "system"), Text("true"))), "refused global 'posix.system': only tensors and plain containers are read" },
        { "stack global", [0x80, 4, 0x8c, 5, .. "posix"u8, 0x8c, 6, .. "system"u8, 0x93, (byte)'.'], "refused global 'posix.system'" },
        { "dotted global", Pickle(Global("torch", "_utils._rebuild_tensor_v2.__globals__")), "refused global 'torch._utils._rebuild_tensor_v2.__globals__'" },
        { "endless global", Pickle([(byte)'c', .. new byte[1000]]), "a name without end within 256 bytes" },
        { "new object", Pickle(Global("collections", "OrderedDict"), Tuple(), [0x81]), "refused opcode NewObj" },
        { "instance", Pickle([(byte)'(', (byte)'i', .. "posix\nsystem\n"u8]), "refused opcode Inst" },
        { "extension", Pickle([0x82, 1]), "refused opcode Ext1" },
        { "unknown opcode", Pickle([0xff]), "refused opcode 0xff" },
        { "text opcode", Pickle("I1\n"u8.ToArray()), "refused opcode 0x49" },
        { "protocol 1", [0x80, 1, (byte)'N', (byte)'.'], "not a pickle of protocol 2 to 5" },
        { "empty", [], "the pickle ends too early" },
        { "no stop", [0x80, 2, (byte)'N'], "the pickle ends too early" },
        { "nothing built", [0x80, 2, (byte)'.'], "a value is missing on the stack" },
        { "long string", [0x80, 2, (byte)'X', 255, 255, 255, 255, (byte)'.'], "the pickle ends too early" },
        { "longer string", [0x80, 4, 0x8d, 255, 255, 255, 255, 255, 255, 255, 255, (byte)'.'], "the pickle ends too early" },
        { "no UTF-8", [0x80, 2, (byte)'X', 1, 0, 0, 0, 255, (byte)'.'], "a string that is not UTF-8" },
        { "long integer", Pickle([0x8a, 9, .. new byte[9]]), "an integer of 9 bytes; at most 8 are read" },
        { "no mark", Pickle([(byte)'t']), "no mark on the stack" },
        { "below the mark", Pickle([(byte)'N', (byte)'(', 0x85]), "a value is missing on the stack" },
        { "no memo", Pickle([(byte)'h', 3]), "value 3 was never remembered" },
        { "marks", Pickle([.. Enumerable.Repeat((byte)'(', 1001)]), "more than 1000 marks" },
        { "key", Pickle([(byte)'}', (byte)'G', .. new byte[8], (byte)'N', (byte)'s']), "a dictionary key that is neither a string nor a 32-bit integer" },
        { "long key", Pickle([(byte)'}'], Int(1L << 40), None, [(byte)'s']), "a dictionary key that is neither" },
        { "odd items", Pickle([(byte)'}', (byte)'(', (byte)'N', (byte)'u']), "a dictionary key without value" },
        { "items of a list", Pickle([(byte)']', (byte)'(', (byte)'u']), "expected a dictionary to fill" },
        { "appending to a dict", Pickle([(byte)'}', (byte)'N', (byte)'a']), "expected a list to append to" },
        { "attributes of a tuple", Pickle([(byte)')', (byte)'}', (byte)'b']), "expected an OrderedDict to give attributes to" },
        { "calling text", Pickle(Call(Text("print"))), "a call of something that is not a function" },
        { "calling a storage", Pickle(Call(Global("torch", "FloatStorage"))), "a call of something that is not a function" },
        { "wrong arguments", Pickle(Call(Global("torch._utils", "_rebuild_tensor_v2"), None)), "arguments that RebuildTensorV2 does not take" },
        { "identifier", Pickle([.. Tuple(Text("module")), (byte)'Q']), "expected ('storage', class, key, device, count)" },
        { "negative count", Pickle(Storage(count: -1)), "expected ('storage', class, key, device, count)" },
        { "bare storage", Pickle(Storage()), "holds a bare storage or function" },
        { "bare function", Pickle([(byte)']'], Global("torch", "Size"), [(byte)'a']), "holds a bare storage or function" },
        { "list in itself", Pickle([(byte)']', (byte)'q', 0, (byte)'h', 0, (byte)'a']), "nested more than 64 deep or hold themselves" },
        { "nested lists", Pickle([.. Enumerable.Repeat((byte)']', 500), .. Enumerable.Repeat((byte)'a', 499)]), "nested more than 64 deep or hold themselves" },
        { "size", Pickle(Tensor([7], [1])), "a tensor of shape [7], strides [1] and offset 0 lies outside its storage '0' of 6 elements" },
        { "offset", Pickle(Tensor([6], [1], 1)), "lies outside its storage" },
        { "offset of nothing", Pickle(Tensor([0], [1], 7)), "lies outside its storage" },
        { "negative offset", Pickle(Tensor([2], [1], -1)), "lies outside its storage" },
        { "large offset", Pickle(Tensor([2], [1], long.MaxValue)), "lies outside its storage" },
        { "stride", Pickle(Tensor([2, 2], [5, 1])), "lies outside its storage" },
        { "negative stride", Pickle(Tensor([2], [-1], 1)), "lies outside its storage" },
        { "overflowing stride", Pickle(Tensor([3], [long.MaxValue])), "lies outside its storage" },
        { "negative size", Pickle(Tensor([-1], [1])), "lies outside its storage" },
        { "overflowing size", Pickle(Tensor([1L << 40, 1L << 40], [0, 0])), "lies outside its storage" },
        { "expanded", Pickle(Tensor([1L << 40], [0])), "lies outside its storage" },
        { "dimensions", Pickle(Tensor(new long[65], new long[65])), "lies outside its storage" },
        { "missing stride", Pickle(Tensor([2], [])), "lies outside its storage" },
        { "size of text", Pickle(Call(Global("torch", "Size"), Tuple(Text("2")))), "expected a tuple of integers" },
        { "storage length", Pickle(Tensor([6], [1], storage: Storage(count: 5))), "storage '0' should hold 5 elements of Float32 but has 24 bytes" },
        { "storage type", Pickle(Tensor([6], [1], storage: Storage("DoubleStorage"))), "storage '0' should hold 6 elements of Float64 but has 24 bytes" },
        { "huge storage", Pickle(Tensor([6], [1], storage: Storage(count: long.MaxValue))), "cannot hold Float32" },
        { "large storage", Pickle(Tensor([6], [1], storage: Storage(count: 1L << 50))), "storage '0' should hold 1125899906842624 elements" },
        { "missing storage", Pickle(Tensor([6], [1], storage: Storage(key: "../1"))), "storage '../1' is missing" },
        { "two types", Pickle(Tuple(Tensor([6], [1]), Tensor([6], [1], storage: Storage("IntStorage")))), "storage '0' is used with two types or lengths" },
        { "untyped", Pickle(Tensor([6], [1], storage: Storage("UntypedStorage", module: "torch.storage"))), "arguments that RebuildTensorV2 does not take" },
    };

    [Theory, MemberData(nameof(Pickles))]
    public void Pickle_is_refused_in_one_line(string what, byte[] pickle, string problem)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write($"{what}.pt", WithPickle(pickle));
        var tensors = TorchSharp.torch.Tensor.TotalCount;

        var error = Assert.Throws<CheckpointException>(() => TorchArchive.Read(path));

        SafetensorsMalformedTests.OneLineOf(error, path, problem);
        Assert.InRange(TorchSharp.torch.Tensor.TotalCount, 0, tensors);
    }

    [Theory]
    [InlineData("old-format.pt", "written by PyTorch before 1.6 or in its old format; load it in a newer PyTorch and save it again with torch.save")]
    [InlineData("refused-global.pt", "refused global '__builtin__.print': only tensors and plain containers are read")]
    public void File_of_PyTorch_that_is_not_read_says_why(string file, string problem)
    {
        var path = Golden.Path(file);

        SafetensorsMalformedTests.OneLineOf(Assert.Throws<CheckpointException>(() => TorchArchive.Read(path)), path, problem);
    }

    public static TheoryData<string, byte[], string> Files => new()
    {
        { "empty", [], "not a PyTorch file: it is not a zip file" },
        { "pickle", Pickle(None), "not a PyTorch file: it is not a zip file" },
        { "head only", "PK\u0003\u0004"u8.ToArray(), "damaged zip file" },
        { "half", WithPickle(Pickle(None))[..^30], "damaged zip file" },
        { "no pickle", Zip(CompressionLevel.NoCompression, ("archive/version", [])), "the zip holds 0 entries called <folder>/data.pkl instead of one" },
        { "two pickles", Zip(CompressionLevel.NoCompression, ("a/data.pkl", []), ("b/data.pkl", [])), "the zip holds 2 entries called <folder>/data.pkl instead of one" },
        { "twice", Zip(CompressionLevel.NoCompression, ("a/data.pkl", []), ("a/data.pkl", [])), "zip entry 'a/data.pkl' occurs twice or announces an impossible size" },
        { "big", Zip(CompressionLevel.NoCompression, ("a/data.pkl", []), ("a/byteorder", "big"u8.ToArray())), "written on a big-endian machine" },
        { "middle", Zip(CompressionLevel.NoCompression, ("a/data.pkl", []), ("a/byteorder", "middle"u8.ToArray())), "unknown byte order 'middle'" },
    };

    [Theory, MemberData(nameof(Files))]
    public void Zip_is_refused_in_one_line(string what, byte[] content, string problem)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write($"{what}.pt", content);

        SafetensorsMalformedTests.OneLineOf(Assert.Throws<CheckpointException>(() => TorchArchive.Read(path)), path, problem);
    }

    [Fact]
    public void Flipped_bit_of_a_weight_is_found_by_the_checksum()
    {
        using var folder = new TemporaryFolder();
        var content = WithPickle(Pickle(Tensor([6], [1])));
        content[content.AsSpan().IndexOf(SixFloats()) + 5] ^= 1;
        var path = folder.Write("t.pt", content);

        var error = Assert.Throws<CheckpointException>(() => TorchArchive.Read(path));

        SafetensorsMalformedTests.OneLineOf(error, path, "zip entry 'archive/data/0' is damaged: its length or checksum is wrong");
    }

    [Fact]
    public void Entry_that_announces_more_than_deflate_can_hold_is_refused_before_allocation()
    {
        using var folder = new TemporaryFolder();
        var content = WithPickle(Pickle(Tensor([1L << 28], [1], storage: Storage(count: 1L << 28))), CompressionLevel.Optimal);
        var name = content.AsSpan().LastIndexOf("archive/data/0"u8);
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(name - 46 + 24), 1 << 30);
        var path = folder.Write("t.pt", content);

        var error = Assert.Throws<CheckpointException>(() => TorchArchive.Read(path));

        SafetensorsMalformedTests.OneLineOf(error, path, "zip entry 'archive/data/0' occurs twice or announces an impossible size");
    }

    [Fact]
    public void Shared_containers_that_would_unfold_to_billions_are_read_in_no_time()
    {
        using var folder = new TemporaryFolder();
        // l0 = []; l(i+1) = [l(i), l(i)], fifty times.
        byte[] step = [(byte)'q', 0, (byte)'0', (byte)']', (byte)'h', 0, (byte)'a', (byte)'h', 0, (byte)'a'];
        var path = folder.Write("t.pt", WithPickle(Pickle([(byte)']', .. Enumerable.Repeat(step, 50).SelectMany(part => part)])));

        Assert.Equal(2, Assert.IsType<List<object?>>(TorchArchive.Read(path)).Count);
    }

    [Fact]
    public void State_dict_with_something_else_names_it()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("t.pt", WithPickle(Pickle([(byte)'}'], Text("epoch"), Int(1), [(byte)'s'])));

        SafetensorsMalformedTests.OneLineOf(Assert.Throws<CheckpointException>(() => TorchArchive.ReadStateDict(path)), path, "should hold tensors by name but 'epoch' is not a tensor");
        SafetensorsMalformedTests.OneLineOf(Assert.Throws<CheckpointException>(() => TorchArchive.ReadTensor(path)), path, "should hold one tensor but holds something else");
    }

    [Fact]
    public void Bare_tensor_is_no_state_dict()
    {
        var path = Golden.Path("tensor.pt");

        SafetensorsMalformedTests.OneLineOf(Assert.Throws<CheckpointException>(() => TorchArchive.ReadStateDict(path)), path, "should hold a dictionary of tensors");
    }
}
