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
            string[] names = [.. partition.Labels.Select((label, unit) => $"{unit} {label}")];
            HeatMap.Save(Path.Combine(folder, $"mutual-information-{partition.Site}"), Matrix(partition.MutualInformation), names, names, $"{partition.Site}: normalised mutual information (nats per dimension)");
        }

        Patterns(Json.Read<AttentionDocument>(run.PathOf("attention.json")), folder);
    }

    public static void Patterns(AttentionDocument document, string folder)
    {
        foreach (var pattern in document.Example.Patterns)
            HeatMap.Save(Path.Combine(folder, $"attention-a{pattern.Layer}.{pattern.Head}"), Matrix(pattern.Pattern), document.Example.Tokens, document.Example.Tokens, $"a{pattern.Layer}.{pattern.Head}: attention from query (row) to key (column)");
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
