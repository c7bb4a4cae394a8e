using SubspaceCircuits.Attention;
using SubspaceCircuits.Models;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Runs;

/// <summary>Scores of heads, and prompts with their patterns: <c>attention.json</c>.</summary>
public static class AttentionFiles
{
    private const string Schema = "subspace-circuits/attention/2";
    private const int ScoreSamples = 200, Shuffles = 3;

    /// <summary>Measures the heads on samples of a task and takes the patterns of one short sample.</summary>
    public static AttentionDocument Document(Weights weights, ITask task, LengthRange lengths, int seed)
    {
        var random = new Random(seed);
        var heads = Heads(weights, task, lengths, random);
        var sample = task.Sample(PromptSamples.Short(task), random);
        return new AttentionDocument(Schema, heads, PromptReading.Of(weights, new Prompt("", sample), task).Example() with { Name = null });
    }

    /// <summary>Scores of heads, and prompts as the model reads them; the first prompt is the example.</summary>
    public static AttentionDocument Document(IReadOnlyList<HeadDocument> heads, IReadOnlyList<PromptReading> prompts)
    {
        ExampleDocument[] examples = [.. prompts.Select(prompt => prompt.Example())];
        return new AttentionDocument(Schema, heads, examples[0]) { Prompts = examples };
    }

    /// <summary>Measures the heads on samples of a task.</summary>
    public static IReadOnlyList<HeadDocument> Heads(Weights weights, ITask task, LengthRange lengths, Random random)
    {
        var samples = TaskBatch.Draw(task, lengths.From, lengths.To, ScoreSamples, random);
        var uniform = HeadScores.OfUniform(samples);
        return [.. HeadScores.Of(weights, task, samples).Zip(HeadScores.OfShuffled(weights, task, samples, Shuffles, random),
            (head, shuffled) => new HeadDocument(head.Name, head.Layer, head.Values, shuffled.Values, uniform))];
    }
}
