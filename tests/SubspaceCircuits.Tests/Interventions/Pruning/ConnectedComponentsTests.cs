using SubspaceCircuits.Circuits;
using SubspaceCircuits.Interventions.Pruning;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tests.Circuits;

namespace SubspaceCircuits.Tests.Interventions.Pruning;

public sealed class ConnectedComponentsTests
{
    private static readonly ModelConfig Config = RandomModel.WithMlps(Activation.Relu);
    private static readonly (string Source, string Reader)[] Edges = [.. ComponentGraph.All(Config)];

    [Fact]
    public void The_whole_model_is_connected() =>
        Assert.All(ConnectedComponents.WithoutDangling(Config, [.. Edges.Select(_ => true)]), Assert.True);

    [Theory]
    [InlineData("embed->a0.0.v a0.0->logits", "embed->a0.0.v a0.0->logits")]
    [InlineData("embed->a0.0.v a0.0->m0 embed->logits", "embed->logits")]                                           // nothing leaves m0, then nothing a0.0
    [InlineData("pos->a0.0.q pos->a0.0.k a0.0->m0 m0->logits", "")]                                                 // without a value the head is a constant, and so is the MLP
    [InlineData("pos->a0.0.q embed->a0.0.v a0.0->logits", "embed->a0.0.v a0.0->logits")]                            // a query meets equal keys
    [InlineData("pos->a0.0.k embed->a0.0.v a0.0->logits", "pos->a0.0.k embed->a0.0.v a0.0->logits")]                // keys meet a constant query
    public void Edges_on_no_way_are_taken_away(string kept, string connected)
    {
        var found = ConnectedComponents.WithoutDangling(Config, [.. Edges.Select(edge => kept.Split(' ').Contains($"{edge.Source}->{edge.Reader}"))]);

        Assert.Equal(connected, string.Join(' ', Edges.Where((_, edge) => found[edge]).Select(edge => $"{edge.Source}->{edge.Reader}")));
    }

    [Theory]
    [InlineData("embed->m0 m0->a1.0.v a1.0->logits", "embed->a1.0.v a1.0->logits;embed->m0 m0->logits")]                                // past the MLP, or past the head
    [InlineData("embed->a1.0.v embed->m0 m0->a1.0.v a1.0->logits", "embed->a1.0.v a1.0->logits;embed->m0 embed->logits m0->logits")] // past the MLP its way is there already
    [InlineData("embed->logits", "")]
    public void A_bypass_goes_past_one_component_with_fewer_edges(string kept, string expected)
    {
        var found = ConnectedComponents.Bypasses(Config, [.. Edges.Select(edge => kept.Split(' ').Contains($"{edge.Source}->{edge.Reader}"))]).ToArray();

        string[][] choices = [.. expected.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(choice => choice.Split(' ').Order().ToArray())];
        Assert.Equal(choices.Select(choice => string.Join(' ', choice)), found.Select(choice => string.Join(' ', Edges.Where((_, edge) => choice[edge]).Select(edge => $"{edge.Source}->{edge.Reader}").Order())));
    }
}
