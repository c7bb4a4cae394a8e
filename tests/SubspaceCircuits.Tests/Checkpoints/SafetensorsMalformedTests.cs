using System.Text;
using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Tests.Checkpoints;

public class SafetensorsMalformedTests
{
    private const string Two = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""";

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "the header describes 8 bytes of data but the file holds 7")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "the header describes 8 bytes of data but the file holds 9")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "tensor 'a' begins at byte 4 and leaves a hole from 0")]
    [InlineData(Two + ""","b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "tensor 'b' begins at byte 4, inside the tensor before it, which ends at 8")]
    [InlineData(Two + ""","b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}""", 16, "tensor 'b' begins at byte 12 and leaves a hole from 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "shape [3] of F32 takes 12 bytes but the offsets are 0 to 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "takes 8 bytes but the offsets are 8 to 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8, "takes 8 bytes but the offsets are -8 to 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-9223372036854775808,9223372036854775807]}}""", 8, "takes 8 bytes but the offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "impossible shape [-2]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}""", 8, "impossible shape [4294967296, 4294967296]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,0],"data_offsets":[0,0]}}""", 0, "impossible shape [9223372036854775807, 0]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}}""", 8, "expected {")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8, "expected {")]
    [InlineData("""{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", 8, "expected {")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", 8, "expected {")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", 8, "expected {")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}""", 8, "expected {")]
    [InlineData("""{"a":[]}""", 0, "expected {")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}""", 2, "dtype 'F8_E4M3' is not one of F64 F32")]
    [InlineData("""{"a":{"dtype":7,"shape":[2],"data_offsets":[0,2]}}""", 2, "expected {")]
    [InlineData(Two + ""","a":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}}""", 8, "the header is not valid JSON")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "the header is not valid JSON")]
    [InlineData("""{"__metadata__":{"k":1}}""", 0, "__metadata__ should map strings to strings")]
    [InlineData("""{"__metadata__":"k"}""", 0, "__metadata__ should map strings to strings")]
    [InlineData("""{"a\ud800":{}}""", 0, "the header is not valid JSON")]
    [InlineData("""[]""", 0, "the header is not a JSON object in UTF-8")]
    [InlineData("""{"a":""", 0, "the header is not valid JSON")]
    [InlineData("""{}{}""", 0, "the header is not valid JSON")]
    public void Header_is_refused_in_one_line(string json, int dataLength, string problem)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("t", [.. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(json)), .. Encoding.UTF8.GetBytes(json), .. new byte[dataLength]]);

        var error = Assert.Throws<CheckpointException>(() => Safetensors.Read(path));

        OneLineOf(error, path, problem);
    }

    [Theory]
    [InlineData(new byte[0], "not a safetensors file: 0 bytes, shorter than the header's length")]
    [InlineData(new byte[] { 1, 0, 0, 0, 0, 0, 0 }, "not a safetensors file: 7 bytes, shorter than the header's length")]
    [InlineData(new byte[] { 3, 0, 0, 0, 0, 0, 0, 0, 123, 125 }, "it announces a header of 3 bytes where at most 2 are possible")]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, 123 }, "it announces a header of 18446744073709551615 bytes where at most 1 are possible")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 }, "the header is not a JSON object in UTF-8")]
    [InlineData(new byte[] { 3, 0, 0, 0, 0, 0, 0, 0, 123, 255, 125 }, "the header is not a JSON object in UTF-8")]
    public void File_that_is_no_safetensors_is_refused(byte[] content, string problem)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("t", content);

        var error = Assert.Throws<CheckpointException>(() => Safetensors.Read(path));

        OneLineOf(error, path, problem);
    }

    [Fact]
    public void Header_over_a_hundred_megabytes_is_refused_without_reading_it()
    {
        using var folder = new TemporaryFolder();
        using (var sparse = File.Create(folder["t"]))
        {
            sparse.Write(BitConverter.GetBytes(100_000_001UL));
            sparse.SetLength(200_000_000);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<CheckpointException>(() => Safetensors.Read(folder["t"]));

        OneLineOf(error, folder["t"], "it announces a header of 100000001 bytes where at most 100000000 are possible");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Missing_file_is_named()
    {
        var error = Assert.Throws<CheckpointException>(() => Safetensors.Read("/nowhere/model.safetensors"));

        Assert.Equal("/nowhere/model.safetensors: no such file.", error.Message);
    }

    [Fact]
    public void Names_with_line_breaks_stay_on_one_line()
    {
        using var folder = new TemporaryFolder();
        var json = """{"a\nb":[]}""";
        var path = folder.Write("t", [.. BitConverter.GetBytes((ulong)json.Length), .. Encoding.UTF8.GetBytes(json)]);

        var error = Assert.Throws<CheckpointException>(() => Safetensors.Read(path));

        OneLineOf(error, path, "tensor 'a?b': expected {");
    }

    internal static void OneLineOf(CheckpointException error, string path, string problem)
    {
        Assert.Equal(path, error.File);
        Assert.StartsWith($"{path}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.InRange(error.Message.Length, path.Length, path.Length + 600);
    }
}
