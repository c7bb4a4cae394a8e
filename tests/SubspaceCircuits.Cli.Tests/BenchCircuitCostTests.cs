namespace SubspaceCircuits.Tests;

public sealed class BenchCircuitCostTests
{
    [Fact]
    public void Every_part_of_one_layer_has_its_cost()
    {
        var done = Subspace.Run("bench", "circuit-cost", "--layers", "1", "--subspaces", "3", "--vocabulary", "100", "--json");

        Assert.Equal(0, done.Status);
        Assert.Equal(12 * (3 * 4 + 3 * 3) + 3 * 9 + 2 * 3 + 3, done.Json.GetProperty("edges").GetInt32()); // 12 heads; MLP and two passthroughs; embeddings; logits
        Assert.Equal(["MLP", "MLP, chance", "OV", "OV, chance", "QK", "QK, chance", "embedding", "embedding, chance", "passthrough", "passthrough, chance", "unembedding", "unembedding, chance"],
            done.Json.GetProperty("parts").EnumerateObject().Select(part => part.Name));
        Assert.All(done.Json.GetProperty("parts").EnumerateObject(), part => Assert.True(part.Value.GetProperty("seconds").GetDouble() > 0));
        Assert.True(done.Json.GetProperty("peak_gigabytes").GetDouble() > 0.05);
    }

    [Theory]
    [InlineData("--layers", "0")]
    [InlineData("--subspaces", "0")]
    [InlineData("--subspaces", "769")]
    [InlineData("--vocabulary", "0")]
    public void Wrong_usage_is_refused(params string[] arguments)
    {
        var refused = Subspace.Run(["bench", "circuit-cost", .. arguments]);

        Assert.Equal(2, refused.Status);
        Assert.Empty(refused.Out);
    }
}
