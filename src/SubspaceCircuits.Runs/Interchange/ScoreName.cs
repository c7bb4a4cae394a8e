using SubspaceCircuits.Circuits;

namespace SubspaceCircuits.Runs.Interchange;

/// <summary>The scores of an edge by the names that they have in <c>circuit.json</c>.</summary>
public static class ScoreName
{
    private static readonly Dictionary<string, Func<EdgeScores, double>> Scores = new()
    {
        ["energy"] = scores => scores.Energy,
        ["energy_share"] = scores => scores.EnergyShare,
        ["variance"] = scores => scores.Variance,
        ["variance_share"] = scores => scores.VarianceShare,
    };

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Scores.Keys];

    /// <summary>Score of an edge.</summary>
    /// <param name="edge">The edge.</param>
    /// <param name="name">One of <see cref="All"/>.</param>
    /// <exception cref="ArgumentException">There is no such score, or the edge has none that is finite.</exception>
    public static double Of(CircuitEdge edge, string name)
    {
        if (!Scores.TryGetValue(name, out var score))
            throw new ArgumentException($"'{name}' is not a score of an edge. Expected one of: {string.Join(", ", All)}.");
        var value = score(edge.Scores);
        return double.IsFinite(value) ? value : throw new ArgumentException($"The edge {Shown.Text($"{edge.From ?? edge.Query} -> {edge.Target}")} has no finite {name}; choose another score.");
    }
}
