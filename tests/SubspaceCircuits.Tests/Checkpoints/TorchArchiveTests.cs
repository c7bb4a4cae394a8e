using System.IO.Compression;
using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Tests.Checkpoints;

public class TorchArchiveTests
{
    [Theory]
    [InlineData("tensors.pt")]
    [InlineData("tensors-protocol4.pt")]
    public void Every_kind_of_tensor_is_read_as_PyTorch_wrote_it(string file)
    {
        using var scope = NewDisposeScope();

        using var state = TorchArchive.ReadStateDict(Golden.Path(file));

        var counting = arange(10, dtype: float32);
        Same.Tensors(arange(12, dtype: float32).reshape(3, 4), state.Take("contiguous", 3, 4));
        Same.Tensors(arange(6, dtype: float64).reshape(2, 3).t(), state.Take("transposed", 3, 2));
        Same.Tensors(counting.narrow(0, 0, 4), state.Peek("shared_head"));
        Same.Tensors(counting.narrow(0, 2, 8).reshape(2, 4), state.Peek("shared_tail"));
        Same.Tensors(tensor(new[] { 0.5f, -1.25f, 65504f }).to(float16), state.Take("half", 3));
        Same.Tensors(tensor(new[] { 0.5f, -3f }).to(bfloat16), state.Take("bfloat16", 2));
        Same.Tensors(tensor(new[] { true, false, true }), state.Take("bool", 3));
        Same.Tensors(tensor(new[] { -(1L << 62), 0, 1L << 62 }), state.Take("int64", 3));
        Same.Tensors(tensor(new[] { -7, 8 }).reshape(2, 1), state.Take("int32", 2, 1));
        Same.Tensors(tensor(new short[] { -300 }), state.Take("int16", 1));
        Same.Tensors(tensor(new sbyte[] { -1, 1 }), state.Take("int8", 2));
        Same.Tensors(tensor(new byte[] { 0, 255 }), state.Take("uint8", 2));
        Same.Tensors(tensor(float.NegativeInfinity), state.Take("scalar"));
        Same.Tensors(zeros(0, 5), state.Take("empty", 0, 5));
        Same.Tensors(full(3, 2f), state.Take("expanded", 3));
        Same.Tensors(tensor(new[] { 1f, 2f }), state.Take("parameter", 2));
        Assert.Equal(["shared_head", "shared_tail"], state.Names);
    }

    [Fact]
    public void Strides_and_shared_memory_are_kept()
    {
        using var scope = NewDisposeScope();

        using var state = TorchArchive.ReadStateDict(Golden.Path("tensors.pt"));
        state.Peek("shared_head")[2] = 42f;

        Assert.Equal([1, 3], state.Peek("transposed").stride());
        Assert.Equal([0], state.Peek("expanded").stride());
        Assert.Equal(42f, state.Peek("shared_tail")[0, 0].item<float>());
    }

    [Fact]
    public void Bare_tensor_is_read_with_its_strides()
    {
        using var scope = NewDisposeScope();

        var tensor = TorchArchive.ReadTensor(Golden.Path("tensor.pt"));

        Same.Tensors(arange(6, dtype: float32).reshape(2, 3).t(), tensor);
        Assert.Equal([1, 3], tensor.stride());
    }

    [Theory]
    [InlineData("module.pt")]
    [InlineData("training.pt")]
    public void State_dict_of_a_module_is_found(string file)
    {
        using var scope = NewDisposeScope();

        using var state = TorchArchive.ReadStateDict(Golden.Path(file));

        Same.Tensors(full(1, 2, 3f), state.Take("weight", 1, 2));
        Same.Tensors(full(1, -1f), state.Take("bias", 1));
        state.RequireAllTaken();
    }

    [Fact]
    public void Plain_values_are_read_beside_tensors()
    {
        using var scope = NewDisposeScope();

        var training = Assert.IsType<OrderedDictionary<object, object?>>(TorchArchive.Read(Golden.Path("training.pt")));

        Assert.Equal(["state_dict", "epoch", "loss", "large", "done", "note", "nothing", "sizes", "shape", "device", "dtype", 5L], training.Keys);
        Assert.Equal(7L, training["epoch"]);
        Assert.Equal(0.125, training["loss"]);
        Assert.Equal(-(1L << 40), training["large"]);
        Assert.Equal(true, training["done"]);
        Assert.Equal("größer", training["note"]);
        Assert.Null(training["nothing"]);
        Assert.Equal(new object?[] { 2L, "three" }, Assert.IsType<List<object?>>(training["sizes"])[1]);
        Assert.Equal(new long[] { 2, 3 }, training["shape"]);
        Assert.Equal("cpu", training["device"]);
        Assert.Equal(ScalarType.Float16, training["dtype"]);
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Stored_and_deflated_entries_are_read(CompressionLevel level)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var path = folder.Write("t.pt", TorchFile.WithPickle(TorchFile.Pickle(TorchFile.Tensor([2, 2], [3, 1], 1)), level));

        Same.Tensors(tensor(new[] { 1f, 2f, 4f, 5f }).reshape(2, 2), TorchArchive.ReadTensor(path));
    }

    [Fact]
    public void Untyped_storages_take_their_type_from_the_tensor()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var storage = TorchFile.Storage("UntypedStorage", count: 24, module: "torch.storage");
        var call = TorchFile.Call(TorchFile.Global("torch._utils", "_rebuild_tensor_v3"), storage, TorchFile.Int(0),
            TorchFile.Ints(6), TorchFile.Ints(1), TorchFile.False, TorchFile.OrderedDict, TorchFile.Global("torch", "float32"));
        var path = folder.Write("t.pt", TorchFile.WithPickle(TorchFile.Pickle(call)));

        Same.Tensors(arange(6, dtype: float32), TorchArchive.ReadTensor(path));
    }

    [Fact]
    public void Little_endian_files_that_say_so_are_read()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var path = folder.Write("t.pt", TorchFile.Zip(CompressionLevel.NoCompression,
            ("x/data.pkl", TorchFile.Pickle(TorchFile.Tensor([6], [1]))), ("x/byteorder", "little"u8.ToArray()),
            ("x/data/0", TorchFile.SixFloats()), ("x/version", "3\n"u8.ToArray()), ("x/.data/serialization_id", new byte[40])));

        Same.Tensors(arange(6, dtype: float32), TorchArchive.ReadTensor(path));
    }

    [Fact]
    public void Zip64_files_are_read()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var path = folder.Write("t.pt", TorchFile.AsZip64(TorchFile.WithPickle(TorchFile.Pickle(TorchFile.Tensor([6], [1])))));

        Same.Tensors(arange(6, dtype: float32), TorchArchive.ReadTensor(path));
    }

    [Fact]
    public void Tensors_belong_to_the_callers_scope()
    {
        Tensor tensor;
        using (NewDisposeScope())
        {
            tensor = TorchArchive.ReadTensor(Golden.Path("tensor.pt"));
            Assert.False(tensor.IsInvalid);
        }

        Assert.True(tensor.IsInvalid);
    }

    [Theory]
    [InlineData("tensors.pt")]
    [InlineData("old-format.pt")]
    [InlineData("refused-global.pt")]
    public void Reading_and_refusing_leak_no_tensor(string file)
    {
        Attempt(file);
        var before = Tensor.TotalCount;

        Attempt(file);

        Assert.InRange(Tensor.TotalCount, 0, before);

        static void Attempt(string file)
        {
            try
            {
                TorchArchive.ReadStateDict(Golden.Path(file)).Dispose();
            }
            catch (CheckpointException)
            {
            }
        }
    }
}
