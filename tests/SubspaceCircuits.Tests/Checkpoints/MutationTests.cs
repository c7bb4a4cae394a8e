using System.IO.Compression;
using CsCheck;
using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Tests.Checkpoints;

/// <summary>Thousands of damaged files: each is read or refused in one line, without another exception, a hang or a large allocation.</summary>
public class MutationTests
{
    // torch allocates in arenas and the collector runs late; a single wrong size would show as gigabytes.
    private const long MaxPeakGrowth = 400L << 20;

    [Fact]
    public void Damaged_safetensors_header_is_read_or_refused()
    {
        var original = SafetensorsFile();
        var mutants = Gen.OneOf(Mutation.Flips(original), Mutation.Flips(original), Mutation.Pieces(original),
            Mutation.HeaderNumbers(original), Mutation.HeaderNumbers(original), Mutation.HeaderLength(original));

        Sample(mutants, 6000, Safetensors.Read);
    }

    [Fact]
    public void Damaged_pickle_in_a_sound_zip_is_read_or_refused()
    {
        var (pickle, storages) = Unzip(Golden.Path("tensors.pt"));
        var mutants = Gen.OneOf(Mutation.Flips(pickle), Mutation.Flips(pickle), Mutation.Pieces(pickle));

        Sample(mutants.Select(mutant => TorchFile.Zip(CompressionLevel.NoCompression, [("tensors/data.pkl", mutant), .. storages])), 6000, TorchArchive.ReadStateDict);
    }

    [Fact]
    public void Damaged_pickle_of_protocol_4_is_read_or_refused()
    {
        var (pickle, storages) = Unzip(Golden.Path("tensors-protocol4.pt"));
        var mutants = Gen.OneOf(Mutation.Flips(pickle), Mutation.Pieces(pickle));

        Sample(mutants.Select(mutant => TorchFile.Zip(CompressionLevel.Fastest, [("tensors/data.pkl", mutant), .. storages])), 3000, TorchArchive.ReadStateDict);
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Damaged_zip_is_read_or_refused(CompressionLevel level)
    {
        var (pickle, storages) = Unzip(Golden.Path("tensors.pt"));
        var original = TorchFile.Zip(level, [("tensors/data.pkl", pickle), .. storages]);

        Sample(Gen.OneOf(Mutation.Flips(original), Mutation.Pieces(original)), 3000, TorchArchive.ReadStateDict, original);
    }

    [Fact]
    public void Damaged_zip_directory_is_read_or_refused()
    {
        var (pickle, storages) = Unzip(Golden.Path("tensors.pt"));
        var original = TorchFile.Zip(CompressionLevel.Optimal, [("tensors/data.pkl", pickle), .. storages]);
        var directory = original.AsSpan().IndexOf("PK\u0001\u0002"u8);

        Sample(Mutation.Flips(original[directory..]).Select(mutant => (byte[])[.. original[..directory], .. mutant]), 3000, TorchArchive.ReadStateDict, original);
    }

    [Fact]
    public void Damaged_file_of_PyTorch_is_read_or_refused()
    {
        var original = File.ReadAllBytes(Golden.Path("module.pt"));

        Sample(Mutation.Flips(original), 3000, TorchArchive.ReadStateDict, original);
    }

    [Fact]
    public void Damaged_array_file_is_read_or_refused()
    {
        using var folder = new TemporaryFolder();
        using (NewDisposeScope())
        {
            Npy.Write(folder["a.npy"], ones(3, 4));
        }
        var original = File.ReadAllBytes(folder["a.npy"]);

        Sample(Gen.OneOf(Mutation.Flips(original), Mutation.Flips(original[..90]).Select(head => (byte[])[.. head, .. original[90..]]), Mutation.Pieces(original)), 3000,
            path =>
            {
                using var scope = NewDisposeScope();
                return new StateDict(path, [KeyValuePair.Create("array", Npy.Read(path))]);
            });
    }

    /// <summary>
    /// Tries the mutants one after the other: the tensors alive in the process are counted. Where the format has checksums,
    /// every mutant that is read must have the tensors of the original.
    /// </summary>
    private static void Sample(Gen<byte[]> mutants, int count, Func<string, StateDict> read, byte[]? original = null)
    {
        using var folder = new TemporaryFolder();
        using var expected = original is null ? null : read(folder.Write("original", original));
        var (peak, succeeded, tried) = (Outcome.PeakMemory(), 0, 0);

        mutants.Sample(mutant =>
        {
            tried++;
            succeeded += Outcome.IsReadOrRefused(folder["mutant"], mutant, read, expected) ? 1 : 0;
        }, iter: count, threads: 1);

        Assert.InRange(tried, count, int.MaxValue);
        Assert.InRange(succeeded, 1, tried - 1);
        Assert.InRange(Outcome.PeakMemory(), 0, peak + MaxPeakGrowth);
    }

    private static byte[] SafetensorsFile()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        Safetensors.Write(folder["t"], new Dictionary<string, Tensor>
        {
            ["transformer.wte.weight"] = ones(5, 4),
            ["transformer.h.0.ln_1.bias"] = ones(4),
            ["mask"] = ones(3).to(ScalarType.Bool),
            ["scalar"] = ones([], dtype: float64),
            ["empty"] = zeros(0, 7),
        }, new Dictionary<string, string> { ["format"] = "pt" });
        return File.ReadAllBytes(folder["t"]);
    }

    private static (byte[] Pickle, (string Name, byte[] Content)[] Storages) Unzip(string path)
    {
        using var zip = ZipFile.OpenRead(path);
        var entries = zip.Entries.Select(entry =>
        {
            using var stream = entry.Open();
            var content = new byte[entry.Length];
            stream.ReadExactly(content);
            return (entry.FullName, Content: content);
        }).ToList();
        var folder = entries[0].FullName.Split('/')[0];
        return (entries.Single(entry => entry.FullName == $"{folder}/data.pkl").Content,
            [.. entries.Where(entry => entry.FullName.Contains("/data/", StringComparison.Ordinal)).Select(entry => ($"tensors{entry.FullName[folder.Length..]}", entry.Content))]);
    }
}
