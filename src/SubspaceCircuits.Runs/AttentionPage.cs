using System.Text.Json;
using System.Text.Json.Nodes;

namespace SubspaceCircuits.Runs;

/// <summary>Makes <c>attention.html</c>: one self-contained page that shows what every head attends to on some prompts.</summary>
public static class AttentionPage
{
    /// <summary>Writes the page.</summary>
    /// <param name="path">File to write.</param>
    /// <param name="model">The model.</param>
    /// <param name="task">Name of its task, or null.</param>
    /// <param name="heads">Scores of the heads; empty where no task is known.</param>
    /// <param name="prompts">Prompts, at least one.</param>
    public static void Write(string path, ModelRecord model, string? task, IReadOnlyList<HeadDocument> heads, IReadOnlyList<PromptReading> prompts) =>
        PageTemplate.Write(path, "attention", Data(model, task, heads, prompts));

    /// <summary>The data of the page, schema <c>subspace-circuits/attention-page/1</c>.</summary>
    public static JsonObject Data(ModelRecord model, string? task, IReadOnlyList<HeadDocument> heads, IReadOnlyList<PromptReading> prompts) => new()
    {
        ["schema"] = "subspace-circuits/attention-page/1",
        ["title"] = model.Name,
        ["model"] = PageTemplate.Model(model),
        ["task"] = task,
        ["version"] = NewRun.Version,
        ["heads"] = JsonSerializer.SerializeToNode(heads, Json.Compact),
        ["prompts"] = new JsonArray([.. prompts.Select(Prompt)]),
    };

    private static JsonObject Prompt(PromptReading prompt) => new()
    {
        ["name"] = prompt.Name,
        ["tokens"] = JsonSerializer.SerializeToNode(prompt.Tokens),
        ["supervised"] = JsonSerializer.SerializeToNode(prompt.Supervised),
        ["predicted"] = JsonSerializer.SerializeToNode(prompt.Predicted),
        ["right"] = JsonSerializer.SerializeToNode(prompt.Right),
        ["patterns"] = new JsonArray([.. prompt.Patterns.Select(pattern => new JsonObject { ["layer"] = pattern.Layer, ["head"] = pattern.Head, ["data"] = pattern.Packed() })]),
    };
}
