using System.Text.Json;

namespace SubspaceCircuits.Tests;

/// <summary>
/// What Neuronpedia's JSON schema of attribution graphs (draft 7, version 1.0.0) asks of a file: fields that are required, and the types of
/// those that it knows. Written from its documentation of the fields, apart from the code under test.
/// </summary>
internal static class GraphSchema
{
    private static readonly string[] Required =
    [
        "/metadata", "/qParams", "/nodes", "/links", "/metadata/slug", "/metadata/scan", "/metadata/prompt_tokens", "/metadata/prompt",
        "/nodes/*/node_id", "/nodes/*/feature", "/nodes/*/layer", "/nodes/*/ctx_idx", "/nodes/*/feature_type", "/nodes/*/jsNodeId", "/nodes/*/clerp",
        "/links/*/source", "/links/*/target", "/links/*/weight",
    ];

    private static readonly Dictionary<string, string> Types = new()
    {
        [""] = "object",
        ["/metadata"] = "object",
        ["/metadata/slug"] = "string",
        ["/metadata/scan"] = "string",
        ["/metadata/prompt"] = "string",
        ["/metadata/prompt_tokens"] = "array",
        ["/metadata/prompt_tokens/*"] = "string",
        ["/metadata/feature_details"] = "object",
        ["/metadata/node_threshold"] = "number",
        ["/metadata/info"] = "object",
        ["/metadata/info/description"] = "string",
        ["/metadata/info/creator_name"] = "string",
        ["/metadata/info/creator_url"] = "string",
        ["/metadata/info/source_urls"] = "array",
        ["/metadata/info/generator"] = "object",
        ["/metadata/info/generator/name"] = "string",
        ["/metadata/info/generator/version"] = "string",
        ["/metadata/info/generator/url"] = "string",
        ["/metadata/info/create_time_ms"] = "number",
        ["/metadata/generation_settings"] = "object",
        ["/metadata/pruning_settings"] = "object",
        ["/metadata/pruning_settings/node_threshold"] = "number",
        ["/metadata/pruning_settings/edge_threshold"] = "number",
        ["/qParams"] = "object",
        ["/qParams/pinnedIds"] = "array",
        ["/qParams/pinnedIds/*"] = "string",
        ["/qParams/supernodes"] = "array",
        ["/qParams/linkType"] = "string",
        ["/qParams/clickedId"] = "string",
        ["/qParams/sg_pos"] = "string",
        ["/nodes"] = "array",
        ["/nodes/*"] = "object",
        ["/nodes/*/node_id"] = "string",
        ["/nodes/*/feature"] = "integer null",
        ["/nodes/*/layer"] = "string integer",
        ["/nodes/*/ctx_idx"] = "integer",
        ["/nodes/*/feature_type"] = "string",
        ["/nodes/*/jsNodeId"] = "string",
        ["/nodes/*/clerp"] = "string",
        ["/nodes/*/influence"] = "number null",
        ["/nodes/*/activation"] = "number null",
        ["/links"] = "array",
        ["/links/*"] = "object",
        ["/links/*/source"] = "string",
        ["/links/*/target"] = "string",
        ["/links/*/weight"] = "number",
    };

    /// <summary>All violations in a document.</summary>
    public static IReadOnlyList<string> Violations(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. Check("", document.RootElement)];
    }

    private static IEnumerable<string> Check(string path, JsonElement element)
    {
        if (Types.TryGetValue(path, out var types) && !types.Split(' ').Any(type => Is(element, type)))
            yield return $"{path} is {element.ValueKind}, not {types}";
        if (element.ValueKind is JsonValueKind.Object)
        {
            foreach (var missing in Required.Where(field => field[..field.LastIndexOf('/')] == path && !element.TryGetProperty(field[(field.LastIndexOf('/') + 1)..], out _)))
                yield return $"{missing} is missing";
            foreach (var found in element.EnumerateObject().SelectMany(field => Check($"{path}/{field.Name}", field.Value)))
                yield return found;
        }
        else if (element.ValueKind is JsonValueKind.Array)
        {
            foreach (var found in element.EnumerateArray().SelectMany(item => Check($"{path}/*", item)))
                yield return found;
        }
    }

    private static bool Is(JsonElement element, string type) => type switch
    {
        "object" => element.ValueKind is JsonValueKind.Object,
        "array" => element.ValueKind is JsonValueKind.Array,
        "string" => element.ValueKind is JsonValueKind.String,
        "null" => element.ValueKind is JsonValueKind.Null,
        "integer" => element.ValueKind is JsonValueKind.Number && double.IsInteger(element.GetDouble()),
        _ => element.ValueKind is JsonValueKind.Number,
    };
}
