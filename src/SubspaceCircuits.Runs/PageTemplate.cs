using System.Text.Json;
using System.Text.Json.Nodes;

namespace SubspaceCircuits.Runs;

/// <summary>The self-contained pages of this build: a template with one place for JSON.</summary>
internal static class PageTemplate
{
    private const string Placeholder = "__REPORT_DATA__";

    /// <summary>Writes a page.</summary>
    /// <param name="path">File to write.</param>
    /// <param name="template">Name of the template: report or attention.</param>
    /// <param name="data">What the page shows.</param>
    public static void Write(string path, string template, JsonNode data)
    {
        // '<' must not occur inside a script element; as an escape it is the same text to JSON.
        var json = data.ToJsonString(Json.Compact).Replace("<", "\\u003c", StringComparison.Ordinal);
        AtomicFile.Write(path, Read(template).Replace(Placeholder, json, StringComparison.Ordinal));
    }

    /// <summary>A model as the pages know it: without the place where it lies.</summary>
    public static JsonObject Model(ModelRecord record)
    {
        var model = JsonSerializer.SerializeToNode(record, Json.Compact)!.AsObject();
        model.Remove("path");
        model["hash"] = record.Sha256;
        return model;
    }

    private static string Read(string template)
    {
        using var stream = typeof(PageTemplate).Assembly.GetManifestResourceStream($"{template}.template.html")
            ?? throw new InvalidOperationException($"The {template} template is not part of this build. Run 'npm run build' in web/.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
