using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests;

public sealed class PartitionFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Folder => _folder["x1.post"];

    private string Document => _folder["x1.post", "partition.json"];

    private string Tensors => _folder["x1.post", "rotation.safetensors"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_gives_back_the_same_bits()
    {
        using var result = Result(new Site(1, SiteKind.Post));
        PartitionFiles.Write(Folder, result, new Dictionary<string, double[]>());

        using var read = PartitionFiles.Read(Folder);

        Assert.Equal(result.Partition.Site, read.Site);
        Assert.Equal(result.Partition.Sizes, read.Sizes);
        Assert.Equal(Bits(result.Partition.R), Bits(read.R));
        Assert.Equal(Bits(result.Partition.Mean), Bits(read.Mean));
        Assert.Equal(Bits(result.Partition.Covariance), Bits(read.Covariance));
    }

    [Fact]
    public void Read_takes_a_partition_without_a_site()
    {
        using var result = Result(null);
        PartitionFiles.Write(Folder, result, new Dictionary<string, double[]>());

        using var read = PartitionFiles.Read(Folder);

        Assert.Null(read.Site);
    }

    [Fact]
    public void Write_labels_a_subspace_by_what_explains_it_else_by_what_it_holds()
    {
        using var result = Result(null);

        var document = PartitionFiles.Write(Folder, result, new Dictionary<string, double[]> { ["current_token"] = [0.8, 0.1, 0.01], ["position"] = [0.4, 0.02, 0.01], ["noise"] = [0, 0, 0] });

        Assert.Equal("current token + position", document.Labels[0]);
        Assert.Equal("mixed", document.Labels[2]);
    }

    [Fact]
    public void ReadAll_reads_every_partition_and_skips_other_folders()
    {
        WriteOne();
        Directory.CreateDirectory(_folder["notes"]);

        var all = PartitionFiles.ReadAll(_folder.Root);

        Assert.Equal(new Site(1, SiteKind.Post), Assert.Single(all).Site);
        all[0].Dispose();
        Refused.Line(_folder["none"], () => PartitionFiles.ReadAll(_folder["none"]));
    }

    public static TheoryData<string> Damages => ["no json", "no tensors", "cut tensors", "text for tensors", "cut json", "fewer sizes", "larger sizes", "negative size", "huge sizes", "no sizes",
        "unknown site", "another schema", "rotation not orthogonal", "rotation missing", "another tensor", "rotation not finite"];

    [Theory]
    [MemberData(nameof(Damages))]
    public void Read_refuses_in_one_line(string damage)
    {
        WriteOne();
        Damage(damage);

        Refused.Line(Folder, () => PartitionFiles.Read(Folder).Dispose());
    }

    private void Damage(string damage)
    {
        switch (damage)
        {
            case "no json":
                File.Delete(Document);
                break;
            case "no tensors":
                File.Delete(Tensors);
                break;
            case "cut tensors":
                File.WriteAllBytes(Tensors, File.ReadAllBytes(Tensors)[..^9]);
                break;
            case "text for tensors":
                File.WriteAllText(Tensors, "these are not tensors, whatever the name says");
                break;
            case "cut json":
                File.WriteAllText(Document, File.ReadAllText(Document)[..40]);
                break;
            case "fewer sizes":
                Edit(document => document with { Sizes = [4, 2] });
                break;
            case "larger sizes":
                Edit(document => document with { Sizes = [4, 3, 2] });
                break;
            case "negative size":
                Edit(document => document with { Sizes = [10, -2] });
                break;
            case "huge sizes":
                Edit(document => document with { Sizes = [int.MaxValue, int.MaxValue] });
                break;
            case "no sizes":
                Edit(document => document with { Sizes = [] });
                break;
            case "unknown site":
                Edit(document => document with { Site = "x1.after" });
                break;
            case "another schema":
                Edit(document => document with { Schema = "subspace-circuits/partition/9" });
                break;
            case "rotation not orthogonal":
                WriteTensors(("rotation", ones(8, 8)), ("mean", zeros(8)), ("covariance", eye(8)));
                break;
            case "rotation not finite":
                WriteTensors(("rotation", full([8, 8], float.NaN)), ("mean", zeros(8)), ("covariance", eye(8)));
                break;
            case "rotation missing":
                WriteTensors(("mean", zeros(8)), ("covariance", eye(8)));
                break;
            case "another tensor":
                WriteTensors(("rotation", eye(8)), ("mean", zeros(8)), ("covariance", eye(8)), ("colour", zeros(1)));
                break;
        }
    }

    private void Edit(Func<PartitionDocument, PartitionDocument> edit) => Json.Write(Document, edit(PartitionFiles.ReadDocument(Folder)));

    private void WriteTensors(params (string Name, Tensor Tensor)[] tensors) => Safetensors.Write(Tensors, tensors.ToDictionary(pair => pair.Name, pair => pair.Tensor));

    private void WriteOne()
    {
        using var result = Result(new Site(1, SiteKind.Post));
        PartitionFiles.Write(Folder, result, new Dictionary<string, double[]>());
    }

    private static PartitionResult Result(Site? site)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var factor = randn(8, 8, generator: generator);
        var partition = new Partition(site, Rotation.Random(8, generator), [4, 3, 1], randn(8, generator: generator), factor.matmul(factor.T));
        var information = new double[3, 3] { { double.NaN, 0.1, 0.2 }, { 0.1, double.NaN, 0.3 }, { 0.2, 0.3, double.NaN } };
        return new PartitionResult(partition, "blocks", 20, 2048, [1, 2, 3], information, [], new());
    }

    private static byte[] Bits(Tensor tensor) => tensor.contiguous().bytes.ToArray();
}
