using SubspaceCircuits.Attention;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Tests.Attention;

/// <summary>A trained model of other people, of which is known how it copies: a previous-token head, then an induction head.</summary>
public sealed class PublishedHeadsTests
{
    private readonly ITask _task = TaskRegistry.Find("unique_copy");

    [Fact]
    public void Copying_model_has_a_previous_token_head_that_goes_by_position_and_an_induction_head_that_goes_by_tokens()
    {
        using var model = ModelFolder.Read(SharedData.PathOrSkip("models/unique_copy-@2l1h64d3lr01drop"));
        var samples = TaskBatch.Draw(_task, 10, 50, 100, new Random(0));

        var heads = HeadScores.Of(model.Weights, _task, samples);
        var shuffled = HeadScores.OfShuffled(model.Weights, _task, samples, 2, new Random(1));
        var uniform = HeadScores.OfUniform(samples);

        HeadScores previous = heads[0], induction = heads[1];
        Assert.Equal(("a0.0", "a1.0"), (previous.Name, induction.Name));
        Assert.True(previous.PreviousToken > 5 * uniform["previous_token"]);
        Assert.True(previous.PreviousToken > 5 * induction.PreviousToken);
        Assert.Equal(previous.PreviousToken, shuffled[0].PreviousToken, 0.1);
        Assert.InRange(induction.Induction, 0.95, 1);
        Assert.True(previous.Induction < 0.1);
        // Tokens still come twice when shuffled, and the head still finds them: less well than in training, far better than a head that looks at none.
        Assert.InRange(shuffled[1].Induction, 5 * uniform["induction"], induction.Induction - 0.2);
        Assert.True(shuffled[0].Induction < 0.1);
    }
}
