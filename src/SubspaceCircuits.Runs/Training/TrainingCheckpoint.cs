using System.Globalization;
using System.Text.Json;
using SubspaceCircuits.Checkpoints;
using SubspaceCircuits.Training;
using static TorchSharp.torch;

namespace SubspaceCircuits.Runs;

/// <summary>
/// The state of a training that is not finished: one safetensors file, replaced as a whole, with the recipe and the counters in its header.
/// </summary>
internal static class TrainingCheckpoint
{
    public const string FileName = "checkpoint.safetensors";
    private const string RecipeKey = "recipe", StepKey = "step", TokensKey = "tokens", RepeatsKey = "repeats", AccuracyKey = "accuracy";

    public static void Write(string folder, Recipe recipe, TrainingState state)
    {
        using var scope = NewDisposeScope();
        var metadata = new Dictionary<string, string>
        {
            [RecipeKey] = JsonSerializer.Serialize(recipe, Json.Compact),
            [StepKey] = Invariant(state.Step),
            [TokensKey] = Invariant(state.Tokens),
            [RepeatsKey] = Invariant(state.Repeats),
        };
        if (state.Accuracy is { } accuracy)
            metadata[AccuracyKey] = accuracy.ToString("R", CultureInfo.InvariantCulture);
        Safetensors.Write(Path.Combine(folder, FileName), new Dictionary<string, Tensor>
        {
            ["values"] = tensor(state.Values),
            ["first_moment"] = tensor(state.First),
            ["second_moment"] = tensor(state.Second),
        }, metadata);
    }

    /// <summary>Reads a state; null where there is none.</summary>
    /// <exception cref="CheckpointException">The file is damaged, or of another recipe.</exception>
    public static TrainingState? Read(string folder, Recipe recipe)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return null;
        var metadata = Safetensors.ReadMetadata(path);
        long Number(string key, long most = long.MaxValue) => metadata.TryGetValue(key, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most
            ? number : throw new CheckpointException(path, $"expected the number '{key}' in the header of a training's checkpoint, but found none");
        if (metadata.GetValueOrDefault(RecipeKey) != JsonSerializer.Serialize(recipe, Json.Compact))
            throw new CheckpointException(path, "is of a training with another task, model, settings or seed; give another folder with --out, or remove it");

        using var scope = NewDisposeScope();
        using var state = Safetensors.Read(path);
        float[] Take(string name) => state.Peek(name).dtype == float32 ? state.Take(name, -1).data<float>().ToArray()
            : throw new CheckpointException(path, $"expected '{name}' in float32, but found {state.Peek(name).dtype}");
        double? accuracy = null;
        if (metadata.TryGetValue(AccuracyKey, out var text))
            accuracy = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var known) ? known : throw new CheckpointException(path, $"expected an accuracy in the header, but found '{text}'");
        return new TrainingState((int)Number(StepKey, recipe.Settings.Steps), Number(TokensKey), Number(RepeatsKey), accuracy, Take("values"), Take("first_moment"), Take("second_moment"));
    }

    private static string Invariant(long number) => number.ToString(CultureInfo.InvariantCulture);
}
