using SubspaceCircuits.Activations;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks.Patterns;
using SubspaceCircuits.Training;

namespace SubspaceCircuits.Tests.Activations;

public sealed class ActivationSetTests
{
    private static readonly UniqueTokenPattern Task = new();

    [Fact]
    public void Rows_are_the_models_activations_without_bos_and_padding_and_their_variables_are_right()
    {
        using var weights = Model();
        var settings = new CollectionSettings { Rows = 300, From = 3, To = 6, BatchSize = 16, Seed = 3 };

        using var set = ActivationSet.Collect(weights, Task, settings, TestContext.Current.CancellationToken);

        Assert.Equal(300, set.Rows);
        Assert.DoesNotContain(0, set.Variables["position"]);
        Assert.All(set.Variables["token"], token => Assert.InRange(token, 0, Task.Vocabulary.TaskTokens - 1));
        // Without attention to anything else, x0.pre is token plus position embedding.
        using var scope = NewDisposeScope();
        var expected = weights.WE.index_select(0, tensor(set.Variables["token"])) + weights.WPos.index_select(0, tensor(set.Variables["position"]));
        var difference = (set[new Site(0, SiteKind.Pre)].to(float32) - expected).abs().max().item<float>();
        Assert.InRange(difference, 0, 2e-3); // float16 keeps 11 bits of values below 2
        Assert.Equal(ScalarType.Float16, set[new Site(1, SiteKind.Post)].dtype);
    }

    [Fact]
    public void Previous_token_and_prediction_follow_the_sample()
    {
        using var weights = Model();
        var settings = new CollectionSettings { Rows = 40, From = 4, To = 4, BatchSize = 4, Seed = 1 };

        using var set = ActivationSet.Collect(weights, Task, settings, TestContext.Current.CancellationToken);

        var (token, previous, position, prediction) = (set.Variables["token"], set.Variables["previous_token"], set.Variables["position"], set.Variables["prediction"]);
        for (var row = 1; row < token.Length; row++)
        {
            if (position[row] == position[row - 1] + 1)
                Assert.Equal(token[row - 1], previous[row]);
            // bos s s with |s| = 4: the second repetition's tokens at 6, 7, 8 are predicted from 5, 6, 7.
            Assert.Equal(position[row] is 5 or 6 or 7, prediction[row] >= 0);
        }
    }

    [Fact]
    public void Mask_keeps_supervised_positions_only()
    {
        using var weights = Model();
        var settings = new CollectionSettings { Rows = 30, From = 4, To = 4, BatchSize = 4, IsSupervisedOnly = true };

        using var set = ActivationSet.Collect(weights, Task, settings, TestContext.Current.CancellationToken);

        Assert.All(set.Variables["position"], position => Assert.InRange(position, 5, 7));
    }

    [Fact]
    public void Same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        using var weights = Model();
        var settings = new CollectionSettings { Rows = 50, From = 3, To = 5, BatchSize = 8, Seed = 7 };

        using var one = ActivationSet.Collect(weights, Task, settings, TestContext.Current.CancellationToken);
        using var same = ActivationSet.Collect(weights, Task, settings, TestContext.Current.CancellationToken);
        using var other = ActivationSet.Collect(weights, Task, settings with { Seed = 8 }, TestContext.Current.CancellationToken);

        var site = new Site(1, SiteKind.Post);
        Assert.True(one[site].bytes.SequenceEqual(same[site].bytes));
        Assert.False(one[site].bytes.SequenceEqual(other[site].bytes));
    }

    [Fact]
    public void Budget_that_is_too_small_and_positions_that_do_not_exist_are_refused()
    {
        using var weights = Model();
        var settings = new CollectionSettings { Rows = 20_000_000, MemoryMiB = 100 };

        var tooMuch = Assert.Throws<ArgumentException>(() => ActivationSet.Collect(weights, Task, settings, TestContext.Current.CancellationToken));
        var nowhere = Assert.Throws<ArgumentException>(() => ActivationSet.Collect(weights, Task, new CollectionSettings { Rows = 10, From = 3, To = 3, FirstPosition = 15 }, TestContext.Current.CancellationToken));

        Assert.Contains("but the budget is 100 MiB", tooMuch.Message, StringComparison.Ordinal);
        Assert.Contains("none lies at or after position 15", nowhere.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Moments_agree_with_the_definition_in_float64()
    {
        using var scope = NewDisposeScope();
        var rows = randn([500, 4], dtype: float64, generator: new Generator(1)) * 3 + 5;

        var (mean, covariance) = Moments.Of(rows);

        Assert.InRange((mean - rows.mean([0])).abs().max().item<double>(), 0, 1e-12);
        Assert.InRange((covariance - cov(rows.T)).abs().max().item<double>(), 0, 1e-12);
    }

    private static Weights Model()
    {
        using var generator = new Generator(5);
        return Initialization.Gpt2(new ModelConfig { NLayers = 2, NHeads = 1, DModel = 8, DHead = 8, DVocab = Task.Vocabulary.Tokens.Count, NCtx = Task.NCtx }, generator);
    }
}
