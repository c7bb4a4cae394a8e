using System.Buffers.Binary;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;
using SubspaceCircuits.Tests;

namespace SubspaceCircuits.Runs.Tests;

public sealed class PromptReadingTests
{
    [Fact]
    public void Patterns_and_predictions_are_those_of_the_forward_pass()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelFolder.Read(TinyModel.Write(folder["model"]));
        var sample = TinyModel.Task.Sample(5, new Random(3));

        var reading = PromptReading.Of(model.Weights, new Prompt("p", sample), TinyModel.Task);

        using var scope = NewDisposeScope();
        using var hooks = new Hooks(HookPoint.Pattern(1));
        var logits = Transformer.Forward(model.Weights, tensor(sample.Tokens.Select(token => (long)token).ToArray()).unsqueeze(0), hooks: hooks);
        Assert.Equal(["a0.0", "a0.1", "a1.0", "a1.1"], reading.Patterns.Select(pattern => pattern.Name));
        for (var position = 0; position < sample.Tokens.Length; position++)
        {
            var expected = logits[0][position].argmax().item<long>();
            Assert.Equal(TinyModel.Task.Vocabulary.Tokens[(int)expected], reading.Predicted[position]);
            Assert.Equal(sample.IsScored(position) ? sample.Targets[position] == expected : null, reading.Right[position]);
            for (var key = 0; key < sample.Tokens.Length; key++)
                Assert.Equal(hooks[HookPoint.Pattern(1)][0][1][position][key].item<float>(), reading.Patterns[3].Values[position, key]);
        }
    }

    [Fact]
    public void Prediction_of_a_task_scored_by_sets_is_the_set_of_positive_logits()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelFolder.Read(TinyModel.Write(folder["model"]));
        var drawn = TinyModel.Task.Sample(3, new Random(1));
        using var scope = NewDisposeScope();
        var logits = Transformer.Forward(model.Weights, tensor(drawn.Tokens.Select(token => (long)token).ToArray()).unsqueeze(0))[0];
        int[] Positive(int position) => [.. Enumerable.Range(0, (int)logits.shape[1]).Where(token => logits[position][token].item<float>() > 0)];
        // The first scored position has the model's own set, the second one token too few.
        int[] scored = [.. Enumerable.Range(0, drawn.Tokens.Length).Where(drawn.IsScored).Take(2)];
        var sets = new int[]?[drawn.Tokens.Length];
        (sets[scored[0]], sets[scored[1]]) = (Positive(scored[0]), Positive(scored[1])[1..]);
        var targets = drawn.Targets.Select((target, position) => sets[position] is null ? TaskSample.Unsupervised : target).ToArray();

        var reading = PromptReading.Of(model.Weights, new Prompt("p", new TaskSample(drawn.Tokens, targets) { NextSets = sets }), new SetScored());

        Assert.Equal([.. Enumerable.Range(0, drawn.Tokens.Length).Select(position => $"{{{string.Join(' ', Positive(position).Select(token => TinyModel.Task.Vocabulary.Tokens[token]))}}}")], reading.Predicted);
        Assert.Equal((true, false), (reading.Right[scored[0]], reading.Right[scored[1]]));
        Assert.Equal(2, reading.Right.Count(right => right is not null));
    }

    [Fact]
    public void Tokens_without_a_task_are_ids_and_nothing_is_right_or_wrong()
    {
        using var folder = new TemporaryFolder();
        using var model = ModelFolder.Read(TinyModel.Write(folder["model"]));

        var reading = PromptReading.Of(model.Weights, new PromptParser(model.Weights.Config, null).Parse("3 1 4"), null);

        Assert.Equal(["3", "1", "4"], reading.Tokens);
        Assert.All(reading.Predicted, token => Assert.InRange(int.Parse(token, System.Globalization.CultureInfo.InvariantCulture), 0, 29));
        Assert.All(reading.Right, Assert.Null);
    }

    [Fact]
    public void Packed_pattern_is_the_lower_triangle_as_16_bit_numbers()
    {
        var packed = Convert.FromBase64String(new HeadPattern(0, 0, new[,] { { 1f, 9f, 9f }, { 0.25f, 0.75f, 9f }, { 0f, 0.00001f, 0.99999f } }).Packed());

        ushort[] numbers = [.. packed.Chunk(2).Select(pair => BinaryPrimitives.ReadUInt16LittleEndian(pair))];
        Assert.Equal([65535, 16384, 49151, 0, 1, 65534], numbers);
    }

    [Fact]
    public void Samples_go_from_short_to_long_as_far_as_the_model_can_read()
    {
        var task = TaskRegistry.Find("unique_copy");
        int[] Lengths(int nCtx, int count) => [.. PromptSamples.Draw(task, nCtx, count, new Random(0)).Select(prompt => prompt.Sample.Tokens.Length)];

        Assert.Equal([19, 39, 59], Lengths(303, 3));
        Assert.Equal([19], Lengths(303, 1));
        Assert.Equal([19, 29, 39, 49, 59], Lengths(303, 5));
        Assert.Equal(30, Lengths(30, 3)[2] + 1);
        Assert.All(PromptSamples.Draw(task, 303, 4, 5, new Random(0)), prompt => Assert.Equal(13, prompt.Sample.Tokens.Length));
    }

    [Fact]
    public void Samples_that_cannot_be_are_refused()
    {
        var task = TaskRegistry.Find("unique_copy");

        Assert.Throws<ArgumentException>(() => PromptSamples.Draw(task, 303, 3, 151, new Random(0)));
        Assert.Throws<ArgumentException>(() => PromptSamples.Draw(task, 20, 3, 20, new Random(0)));
        Assert.Throws<ArgumentException>(() => PromptSamples.Draw(task, 303, 0, new Random(0)));
        Assert.Throws<ArgumentException>(() => PromptSamples.Draw(task, 303, 51, 5, new Random(0)));
    }

    [Fact]
    public void Samples_of_one_length_are_told_apart_by_number()
    {
        string[] Names(IReadOnlyList<Prompt> drawn) => [.. drawn.Select(prompt => prompt.Name)];
        var task = TaskRegistry.Find("unique_copy");

        Assert.Equal(["sample 1 of length 5", "sample 2 of length 5"], Names(PromptSamples.Draw(task, 303, 2, 5, new Random(0))));
        Assert.Equal(["sample of length 5"], Names(PromptSamples.Draw(task, 303, 1, 5, new Random(0))));
        Assert.Equal(50, Names(PromptSamples.Draw(task, 40, 50, new Random(0))).Distinct().Count());
    }

    /// <summary>The tiny model's tokens, scored by sets.</summary>
    private sealed class SetScored : ITask
    {
        public string Name => "set_scored";

        public Vocabulary Vocabulary => TinyModel.Task.Vocabulary;

        public (int Min, int Max) Lengths => TinyModel.Task.Lengths;

        public int NCtx => TinyModel.Task.NCtx;

        public IScoring Scoring => NextSetScoring.Instance;

        public TaskSample Sample(int length, Random random) => TinyModel.Task.Sample(length, random);
    }
}
