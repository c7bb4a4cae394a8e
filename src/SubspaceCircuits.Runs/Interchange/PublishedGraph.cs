using System.Text.Json;
using System.Text.Json.Serialization;
using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Runs.Interchange;

/// <summary>Graphs of other software, told apart by the fields that only one of them has.</summary>
public static class PublishedGraph
{
    private static readonly PublishedShape Either = new("an EAP-IG graph (cfg, nodes, edges) or an attribution graph of circuit-tracer or Neuronpedia (metadata, qParams, nodes, links)");

    /// <summary>Reads an <see cref="EapGraph"/> or an <see cref="AttributionGraph"/>.</summary>
    /// <exception cref="CheckpointException">The file is missing or holds neither.</exception>
    public static object Read(string path) => Either.Read<Fields>(path) switch
    {
        { Cfg: not null } or { Edges: not null } => EapGraph.Read(path),
        { Metadata: not null } or { Links: not null } => AttributionGraph.Read(path),
        _ => throw Either.Refused(path, "it has the fields of neither"),
    };

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
    private sealed record Fields(JsonElement? Cfg = null, JsonElement? Edges = null, JsonElement? Metadata = null, JsonElement? Links = null);
}
