using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Twin;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Tests.Checkpoints;

namespace SubspaceCircuits.Tests.KnownCircuits.Twin;

/// <summary>What the twin is and how well it copies.</summary>
public class CopyTwinTests(BuiltCopyTwin twin) : IClassFixture<BuiltCopyTwin>
{
    [Fact]
    public void Has_the_shape_of_trained_copy_transformers()
    {
        var config = twin.Model.Weights.Config;

        Assert.Equal((2, 8, 64, 8, 30, 30, 32), (config.NLayers, config.NHeads, config.DModel, config.DHead, config.DVocab, config.DVocabOut, config.NCtx));
        Assert.Null(config.DMlp);
        Assert.True(config.IsCausal);
        Assert.Equal(Normalization.None, config.Normalization);
        Assert.Equal(CopyTwin.Task.Vocabulary.Bos, CopyTwin.Program.TokenIds([])[0]);
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    public void Predicts_every_token_after_the_first_period(ScalarType type)
    {
        using var weights = twin.Model.Weights.To(type);

        var (right, all) = twin.Predicted(weights);

        Assert.InRange(all, 800, 1000);
        Assert.Equal(all, right);
    }

    [Fact]
    public void Sharper_settings_and_other_seeds_predict_every_token_too()
    {
        foreach (var options in new[] { CopyTwinOptions.Sharp, CopyTwinOptions.Sharpest, new CopyTwinOptions { Seed = 1 }, new CopyTwinOptions { Seed = 2, UnembedScale = 1 } })
        {
            using var scope = NewDisposeScope();
            using var model = CopyTwin.Build(options).Assemble("copy_twin");
            using var single = model.Weights.To(ScalarType.Float32);

            var (right, all) = twin.Predicted(single);

            Assert.Equal(all, right);
        }
    }

    [Theory]
    [InlineData("pure_repeating_pattern:characters=26,longest=16,context=31")]
    [InlineData("unique_token_pattern:characters=26,longest=15")]
    public void Solves_tasks_of_repeated_patterns(string name)
    {
        var task = TaskRegistry.Find(name);
        using var weights = twin.Model.Weights.To(ScalarType.Float32);

        var accuracy = Evaluation.WholeSequence(weights, task, task.Lengths.Min, task.Lengths.Max, 500, seed: 0, TestContext.Current.CancellationToken).Accuracy;

        Assert.Equal(1, accuracy);
    }

    [Fact]
    public void Says_None_where_the_program_does()
    {
        var samples = ProgramCheck.Samples(CopyTwin.Program, 310, seed: 1);

        var fit = ProgramCheck.Run(CopyTwin.Program, twin.Model, samples);

        Assert.Equal((310, 0), (fit.Sequences, fit.WrongOutputs));
    }

    [Fact]
    public void Survives_a_folder()
    {
        using var folder = new TemporaryFolder();
        using var single = twin.Model.Weights.To(ScalarType.Float32);

        ModelFolder.Write(folder["twin"], single);
        using var copy = ModelFolder.Read(folder["twin"]);

        Assert.Equal(single.Config.ToString(), copy.Weights.Config.ToString());
        Assert.All(single.Named().Zip(copy.Weights.Named()), pair => Assert.True(pair.First.Tensor.Equals(pair.Second.Tensor), pair.First.Name));
    }

    [Fact]
    public void Same_seed_makes_the_same_weights()
    {
        using var scope = NewDisposeScope();

        var again = CopyTwin.Build();

        Assert.True(again.WE.Equals(twin.Model.Weights.WE));
        Assert.False(CopyTwin.Build(new CopyTwinOptions { Seed = 1 }).WE.Equals(again.WE));
    }

    [Fact]
    public void Refuses_scores_that_are_not_positive()
    {
        var exception = Assert.Throws<ArgumentException>(() => CopyTwin.Build(new CopyTwinOptions { TokenBeta = 0 }));

        Assert.Contains("10, 0, 10", exception.Message);
    }
}
