using System.Text.Json;
using System.Text.Json.Nodes;
using SubspaceCircuits.Checkpoints;

namespace SubspaceCircuits.Runs;

/// <summary>Makes <c>report.html</c>: one self-contained page with whatever a run has so far.</summary>
public static class ReportWriter
{
    /// <summary>Writes the page from the files of the run; stages that are missing are said to be missing.</summary>
    /// <returns>Path of the page.</returns>
    public static string Write(RunFolder run)
    {
        var path = run.PathOf("report.html");
        PageTemplate.Write(path, "report", Data(run));
        return path;
    }

    /// <summary>The data of the page, schema <c>subspace-circuits/report/1</c>.</summary>
    public static JsonObject Data(RunFolder run)
    {
        var manifest = run.Manifest;
        var attention = Optional(run, "attention.json");
        var circuit = Optional(run, "circuit.json");
        if (circuit?["nodes"] is JsonArray nodes && nodes.FirstOrDefault(node => (string?)node?["kind"] == "const") is { } constant)
            nodes.Remove(constant);
        return new JsonObject
        {
            ["schema"] = "subspace-circuits/report/1",
            ["title"] = manifest.Model.Name,
            ["model"] = PageTemplate.Model(manifest.Model),
            ["task"] = manifest.Settings.Task,
            ["accuracy"] = Optional(run, "evaluation.json")?["ranges"]?.DeepClone(),
            ["run"] = new JsonObject
            {
                ["version"] = manifest.Version,
                ["seed"] = manifest.Settings.Seed,
                ["command"] = manifest.Command,
                ["seconds"] = Math.Round(run.Seconds, 1),
            },
            ["sites"] = Sites(run),
            ["example"] = attention?["example"]?.DeepClone(),
            ["heads"] = attention?["heads"]?.DeepClone(),
            ["circuit"] = circuit,
            ["roles"] = Optional(run, "roles.json"),
            ["validation"] = Optional(run, "validation.json"),
            ["notes"] = new JsonArray([.. Notes(manifest.Settings).Select(note => (JsonNode)note)]),
        };
    }

    private static JsonArray Sites(RunFolder run)
    {
        var folder = run.PathOf("partitions");
        var documents = Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder).Where(path => File.Exists(Path.Combine(path, "partition.json"))).Select(PartitionFiles.ReadDocument)
            : [];
        var inOrder = documents.Where(document => document.Site is not null).Select(document => (Document: document, Site: Models.Site.Parse(document.Site!)))
            .OrderBy(pair => pair.Site.Layer).ThenBy(pair => pair.Site.Kind);
        return new JsonArray([.. inOrder.Select(pair => JsonSerializer.SerializeToNode(pair.Document, Json.Compact))]);
    }

    private static JsonNode? Optional(RunFolder run, string file)
    {
        var path = run.PathOf(file);
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject ?? throw new CheckpointException(path, "expected a JSON object, but found something else");
        }
        catch (JsonException inner)
        {
            throw new CheckpointException(path, $"expected JSON, but line {inner.LineNumber + 1} is not", inner);
        }
    }

    private static IEnumerable<string> Notes(AnalysisSettings settings)
    {
        if (settings.StopAt > 0)
            yield return $"The number of subspaces, {settings.StopAt} at every site, was told, not found.";
        if (settings.IsDiscovered)
            yield return $"The number of subspaces was found, not told. A cut is made when its parts share next to nothing, or clearly less than they hold together themselves; the pictures show every group and the numbers. Stability: the search again on {settings.Replicates} random halves of the activations.";
        yield return "Scores are read from weights and from the mean and covariance at each site; no input is traced. The constant that stands for 1/σ in the scores is the one approximation; the validation runs with the true σ.";
        yield return "Labels name the known variables that explain at least 30 % of a subspace's variance, else those of which the subspace holds at least half. They describe; nothing in the circuit depends on them.";
        yield return "A large block is not proof of use, a small one not of uselessness: the validation says what the chosen edges together can do.";
    }
}
