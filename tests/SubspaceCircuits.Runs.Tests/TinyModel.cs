using SubspaceCircuits.Models;
using SubspaceCircuits.Runs;
using SubspaceCircuits.Tasks;

namespace SubspaceCircuits.Tests;

/// <summary>Models of unique_token_pattern with random weights, small enough to analyze in a second.</summary>
internal static class TinyModel
{
    public static ITask Task { get; } = TaskRegistry.Find("unique_token_pattern");

    /// <summary>Settings under which an analysis is short.</summary>
    public static AnalysisSettings Settings { get; } = AnalysisSettings.For(Task) with
    {
        EvaluationSamples = 20,
        Activations = 2048,
        Strategy = "blocks",
        Steps = 20,
        Starts = 1,
        StopAt = 2,
        ValidationSamples = 20,
    };

    /// <summary>Writes a model folder and returns its path.</summary>
    public static string Write(string folder, int layers = 2, bool hasMlps = false, ulong seed = 1)
    {
        var config = new ModelConfig
        {
            NLayers = layers,
            NHeads = 2,
            DModel = 8,
            DHead = 4,
            DMlp = hasMlps ? 12 : null,
            DVocab = Task.Vocabulary.Tokens.Count,
            NCtx = Task.NCtx,
        };
        using var scope = NewDisposeScope();
        using var generator = new Generator(seed);
        var tensors = WeightNames.Shapes(config).ToDictionary(entry => entry.Name, entry => Draw(entry.Name, entry.Shape, generator));
        using var weights = WeightNames.Assemble(config, name => tensors[name]);
        ModelFolder.Write(folder, weights);
        TaskFiles.Write(folder, Task);
        return folder;
    }

    private static Tensor Draw(string name, long[] shape, Generator generator)
    {
        var values = 0.5f * randn(shape, generator: generator);
        return name.Contains("ln", StringComparison.Ordinal) && name.EndsWith(".w", StringComparison.Ordinal) ? 1 + values : values;
    }
}
