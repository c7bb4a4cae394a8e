using SubspaceCircuits.Plots;
using SubspaceCircuits.Runs;

namespace SubspaceCircuits.Cli;

/// <summary>Pictures of a run: mutual information of every site and attention patterns of the example, as PNG and SVG.</summary>
internal static class RunPlots
{
    public static void All(RunFolder run)
    {
        var folder = run.PathOf("plots");
        foreach (var partition in Directory.EnumerateDirectories(run.PathOf("partitions")).Order(StringComparer.Ordinal).Select(PartitionFiles.ReadDocument))
        {
            if (partition.Sizes.Count == 1)
                continue; // there are no pairs
            string[] names = [.. partition.Labels.Select((label, unit) => $"{unit} {label}")];
            HeatMap.Save(Path.Combine(folder, $"mutual-information-{partition.Site}"), Matrix(partition.MutualInformation), names, names, $"{partition.Site}: normalised mutual information (nats per dimension)");
        }

        Patterns(Json.Read<AttentionDocument>(run.PathOf("attention.json")), folder);
    }

    public static void Patterns(AttentionDocument document, string folder)
    {
        foreach (var pattern in document.Example.Patterns)
            Pattern(Path.Combine(folder, "attention"), $"a{pattern.Layer}.{pattern.Head}", Matrix(pattern.Pattern), document.Example.Tokens);
    }

    /// <summary>Every head by itself, <c>PATH-a0.1.png</c> and <c>.svg</c>, and all of them in one grid, <c>PATH-grid.png</c>.</summary>
    public static void Patterns(PromptReading prompt, string path, string title)
    {
        var heads = prompt.Patterns.Select(pattern => (pattern.Layer, pattern.Name, Matrix: Matrix(pattern.Values))).ToArray();
        foreach (var (_, name, matrix) in heads)
            Pattern(path, name, matrix, prompt.Tokens);
        var rows = heads.GroupBy(head => head.Layer, head => new HeatMapTile(head.Name, head.Matrix)).OrderBy(layer => layer.Key);
        HeatMapGrid.SavePng($"{path}-grid.png", [.. rows.Select(layer => (IReadOnlyList<HeatMapTile>)[.. layer])], title);
    }

    private static void Pattern(string path, string head, double[,] matrix, IReadOnlyList<string> tokens) =>
        HeatMap.Save($"{path}-{head}", matrix, tokens, tokens, $"{head}: attention from query (row) to key (column)");

    private static double[,] Matrix(float[,] values)
    {
        var matrix = new double[values.GetLength(0), values.GetLength(1)];
        Array.Copy(values, matrix, values.Length);
        return matrix;
    }

    private static double[,] Matrix(IReadOnlyList<IReadOnlyList<double>> rows)
    {
        var matrix = new double[rows.Count, rows[0].Count];
        for (var i = 0; i < rows.Count; i++)
        {
            for (var j = 0; j < rows[i].Count; j++)
                matrix[i, j] = rows[i][j];
        }

        return matrix;
    }
}
