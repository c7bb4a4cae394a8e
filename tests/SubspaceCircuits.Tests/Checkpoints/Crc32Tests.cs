using SubspaceCircuits.Checkpoints.Pickles;

namespace SubspaceCircuits.Tests.Checkpoints;

public class Crc32Tests
{
    [Fact]
    public void Value_of_the_nine_digits_is_the_published_check_value()
    {
        var sum = new Crc32();

        sum.Append("1234"u8);
        sum.Append("56789"u8);

        Assert.Equal(0xCBF43926, sum.Value);
    }

    [Fact]
    public void Blocks_of_eight_and_single_bytes_agree()
    {
        var bytes = Enumerable.Range(0, 1000).Select(i => (byte)(i * i)).ToArray();
        var (whole, single) = (new Crc32(), new Crc32());

        whole.Append(bytes);
        foreach (var value in bytes)
        {
            single.Append([value]);
        }

        Assert.Equal(single.Value, whole.Value);
    }
}
