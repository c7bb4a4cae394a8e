using System.Text;
using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Tests.Checkpoints;

public class SafetensorsTests
{
    public static TheoryData<ScalarType> Types => [ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16,
        ScalarType.Int64, ScalarType.Int32, ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool];

    [Theory, MemberData(nameof(Types))]
    public void Round_trip_keeps_type_shape_and_values(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var tensors = new Dictionary<string, Tensor>
        {
            ["matrix"] = arange(6).reshape(2, 3).to(type),
            ["scalar"] = ones([]).to(type),
            ["empty"] = zeros(0, 4).to(type),
            ["transposed"] = arange(6).reshape(2, 3).t().to(type),
            ["größe/1"] = arange(3).to(type),
        };

        Safetensors.Write(folder["t"], tensors);
        using var read = Safetensors.Read(folder["t"]);

        Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), read.Names);
        foreach (var (name, tensor) in tensors)
        {
            Same.Tensors(tensor, read.Peek(name));
        }
    }

    [Fact]
    public void Write_of_strided_views_stores_row_major_elements()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var transposed = arange(6, dtype: float32).reshape(2, 3).t();

        Safetensors.Write(folder["t"], new Dictionary<string, Tensor> { ["t"] = transposed });
        var bytes = File.ReadAllBytes(folder["t"]);

        Assert.Equal([0f, 3f, 1f, 4f, 2f, 5f], System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes.AsSpan(bytes.Length - 24)).ToArray());
    }

    [Fact]
    public void Write_is_deterministic_sorted_and_aligned()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var (flags, values) = (ones(3).to(ScalarType.Bool), arange(2, dtype: float64));

        Safetensors.Write(folder["1"], new Dictionary<string, Tensor> { ["b"] = values, ["a"] = flags }, new Dictionary<string, string> { ["y"] = "1", ["x"] = "2" });
        Safetensors.Write(folder["2"], new Dictionary<string, Tensor> { ["a"] = flags, ["b"] = values }, new Dictionary<string, string> { ["x"] = "2", ["y"] = "1" });
        var bytes = File.ReadAllBytes(folder["1"]);

        Assert.Equal(bytes, File.ReadAllBytes(folder["2"]));
        var length = (int)BitConverter.ToUInt64(bytes);
        Assert.Equal(0, length % 8);
        Assert.Equal("""{"__metadata__":{"x":"2","y":"1"},"a":{"dtype":"BOOL","shape":[3],"data_offsets":[16,19]},"b":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}""",
            Encoding.UTF8.GetString(bytes, 8, length).TrimEnd(' '));
    }

    [Fact]
    public void Metadata_is_read_without_tensors()
    {
        using var folder = new TemporaryFolder();
        var metadata = new Dictionary<string, string> { ["format"] = "pt", ["note"] = "zwei\nZeilen" };

        Safetensors.Write(folder["t"], new Dictionary<string, Tensor>(), metadata);

        Assert.Equal(metadata, Safetensors.ReadMetadata(folder["t"]));
        using var read = Safetensors.Read(folder["t"]);
        Assert.Empty(read.Names);
    }

    [Fact]
    public void Write_leaves_nothing_but_the_file()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        folder.Write("t", [1, 2, 3]);

        Safetensors.Write(folder["t"], new Dictionary<string, Tensor> { ["w"] = ones(2) });

        Assert.Equal(["t"], folder.FileNames);
        using var read = Safetensors.Read(folder["t"]);
        Assert.True(read.Contains("w"));
    }

    [Fact]
    public void Failed_write_keeps_the_old_file()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        folder.Write("t", [1, 2, 3]);

        var complex = new Dictionary<string, Tensor> { ["w"] = ones(2, dtype: ScalarType.ComplexFloat32) };

        Assert.Throws<ArgumentException>(() => Safetensors.Write(folder["t"], complex));
        Assert.Equal(["t"], folder.FileNames);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(folder["t"]));
    }

    [Fact]
    public void Write_into_a_missing_folder_is_a_checkpoint_exception()
    {
        using var folder = new TemporaryFolder();

        var error = Assert.Throws<CheckpointException>(() => Safetensors.Write(folder["missing/t"], new Dictionary<string, Tensor>()));

        Assert.Contains("cannot be written", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_over_two_gigabytes_survive_a_round_trip()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("SUBSPACE_LARGE_TESTS") == "1", "needs 5 GB of memory and 2.5 GB of disk: SUBSPACE_LARGE_TESTS=1");
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var length = (1L << 31) + 5;
        var bytes = zeros(length, dtype: ScalarType.Byte);
        bytes[length - 1] = 7;
        bytes[int.MaxValue] = 9;

        Safetensors.Write(folder["t"], new Dictionary<string, Tensor> { ["large"] = bytes, ["small"] = ones(1) });
        using var read = Safetensors.Read(folder["t"]);

        Assert.Equal(length, read.Peek("large").NumberOfElements);
        Assert.Equal(7, read.Peek("large")[length - 1].item<byte>());
        Assert.Equal(9, read.Peek("large")[int.MaxValue].item<byte>());
        Assert.Equal(16, read.Peek("large").sum(ScalarType.Int64).item<long>());
        Assert.Equal(1f, read.Peek("small").item<float>());
    }

    [Fact]
    public void Reading_leaks_no_tensor()
    {
        using var folder = new TemporaryFolder();
        using (NewDisposeScope())
        {
            Safetensors.Write(folder["t"], new Dictionary<string, Tensor> { ["a"] = ones(2), ["b"] = ones(2, 2) });
        }
        using (Safetensors.Read(folder["t"])) { }
        var before = Tensor.TotalCount;

        using (Safetensors.Read(folder["t"])) { }

        Assert.InRange(Tensor.TotalCount, 0, before);
    }
}
