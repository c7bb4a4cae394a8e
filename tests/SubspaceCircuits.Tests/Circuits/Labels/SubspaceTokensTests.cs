using SubspaceCircuits.Circuits;
using SubspaceCircuits.Circuits.Labels;
using SubspaceCircuits.Tests.Subspaces;

namespace SubspaceCircuits.Tests.Circuits.Labels;

public sealed class SubspaceTokensTests
{
    [Fact]
    public void Ends_of_a_planted_direction_are_its_tokens()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("attention only without norms");
        using var noGrad = no_grad();
        var first = model.Partitions[0];
        // Along the first direction of subspace 1, tokens 2 and 5 lie far apart.
        var direction = first.Basis(1).select(1, 0);
        model.Weights.WE[2].add_(direction * 30);
        model.Weights.WE[5].sub_(direction * 20);

        var found = SubspaceTokens.Of(model.Model, 0, directions: 2, tokens: 2)[1];

        Assert.Equal("x0.pre/1", found.Subspace);
        var ends = new[] { found.Embedding[0].High[0], found.Embedding[0].Low[0] }.OrderBy(end => end.Token).ToArray();
        Assert.Equal([2, 5], ends.Select(end => end.Token));
        Assert.InRange(Math.Abs(ends[0].Value - ends[1].Value), 48, 52);
        Assert.InRange(found.Embedding[0].Share, .95, 1);
        Assert.Equal(2, found.Embedding.Count);
    }

    [Fact]
    public void Shares_add_up_and_values_are_those_of_the_dense_block()
    {
        using var scope = NewDisposeScope();
        using var model = RandomModel.OfKind("GELU");
        var last = model.Model.Last;
        var all = SubspaceTokens.Of(model.Model, model.Partitions.Count - 1, directions: 10, tokens: 7);

        Near.Equal(1, all.Sum(one => one.EmbeddingShare), 1e-9);
        Near.Equal(1, all.Sum(one => one.UnembeddingShare), 1e-9);
        using var map = new ReadMap(model.Weights.LnFinal, model.Weights.Config.Epsilon, last);
        var (energy, _) = EndBlocks.Unembedding(last, map, model.Weights.WU);
        var dense = Dense.ReadMap(model.Weights.LnFinal, model.Weights.Config.Epsilon, last).matmul(model.Weights.WU.to(float64));
        foreach (var (unit, one) in all.Index())
        {
            Near.Equal(energy[unit] / energy.Sum(), one.UnembeddingShare, 1e-6);
            Near.Equal(1, one.Unembedding.Sum(direction => direction.Share), 1e-6);
            var block = last.Basis(unit).to(float64).T.matmul(dense);
            var singular = linalg.svdvals(block - block.mean([1], keepdim: true));
            Near.Equal(singular[0].item<double>(), Math.Sqrt(one.Unembedding[0].High.Sum(token => token.Value * token.Value)), 1e-4); // all 7 tokens
        }
    }
}
