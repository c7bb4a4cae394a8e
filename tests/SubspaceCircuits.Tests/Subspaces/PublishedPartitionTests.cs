using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests.Subspaces;

public sealed class PublishedPartitionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("published-partition-").FullName;

    [Theory]
    [InlineData("gpt2_partitions/R-gpt2-x4.post.pt", new[] { 128, 128, 96, 96, 64, 64, 64, 32, 32, 32, 32 })]
    [InlineData("gpt2_partitions/R-gpt2-x9.post.pt", new[] { 128, 96, 96, 64, 64, 64, 64, 32, 32, 32, 32, 32, 32 })]
    [InlineData("copy_transformer/partitions/copy_transformer/R-custom-x0.post.pt", new[] { 32, 32 })]
    [InlineData("copy_transformer/partitions/copy_transformer/R-custom-x1.post.pt", new[] { 32, 32 })]
    [InlineData("copy_transformer/partitions/copy_transformer_sensible_sp_parameters/R-custom-x0.post.pt", new[] { 24, 24, 16 })]
    [InlineData("copy_transformer/partitions/copy_transformer_sensible_sp_parameters/R-custom-x1.post.pt", new[] { 32, 16, 16 })]
    public void A_published_rotation_is_read_with_its_sizes(string file, int[] sizes)
    {
        using var scope = NewDisposeScope();

        var (rotation, found) = PublishedPartition.Read(SharedData.PathOrSkip(file));

        Assert.Equal(sizes, found);
        Assert.Equal([sizes.Sum(), sizes.Sum()], rotation.shape);
        Assert.InRange(Rotation.OrthogonalityError(rotation), 0, Partition.OrthogonalityTolerance);
    }

    [Fact]
    public void A_file_of_another_name_is_refused() => Expect("R-{model}-{site}.pt", WriteFile("rotation.pt", ""));

    [Fact]
    public void A_rotation_without_sizes_is_refused() => Expect("R_config-m-x0.post.json", WriteFile("R-m-x0.post.pt", ""));

    [Theory]
    [InlineData("{\"partition\": [4, 0]}")]
    [InlineData("{\"partition\": []}")]
    [InlineData("{\"partition\": 4}")]
    [InlineData("{\"partition\": [\"4\"]}")]
    [InlineData("{\"partition\": [4.5]}")]
    [InlineData("{\"sizes\": [4]}")]
    [InlineData("[4]")]
    [InlineData("{")]
    public void Sizes_that_are_none_are_refused(string config)
    {
        WriteFile("R_config-m-x0.post.json", config);

        Expect("R_config-m-x0.post.json: expected {\"partition\"", WriteFile("R-m-x0.post.pt", ""));
    }

    [Fact]
    public void A_file_with_other_tensors_is_refused()
    {
        WriteFile("R_config-m-x0.post.json", "{\"partition\": [4]}");
        var file = Path.Combine(_folder, "R-m-x0.post.pt");
        File.Copy(Path.Combine(SharedData.RepositoryRoot(), "tests", "SubspaceCircuits.Tests", "Golden", "tensors.pt"), file);

        Expect("R.parametrizations.weight.0.base", file);
    }

    [Fact]
    public void Sizes_that_do_not_cover_the_rotation_are_refused()
    {
        var file = Path.Combine(_folder, "R-custom-x0.post.pt");
        File.Copy(SharedData.PathOrSkip("copy_transformer/partitions/copy_transformer/R-custom-x0.post.pt"), file);
        WriteFile("R_config-custom-x0.post.json", "{\"partition\": [32, 31]}");

        Expect("cover the 64 columns of the rotation, but covers 63", file);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string WriteFile(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static void Expect(string part, string file)
    {
        var error = Assert.Throws<CheckpointException>(() => PublishedPartition.Read(file));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }
}
