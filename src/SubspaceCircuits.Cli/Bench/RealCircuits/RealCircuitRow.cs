using SubspaceCircuits.Interventions;

namespace SubspaceCircuits.Cli.Bench.RealCircuits;

/// <summary>How the circuit does on fresh samples of some lengths.</summary>
/// <param name="From">Shortest.</param>
/// <param name="To">Longest.</param>
/// <param name="Match">Share of sequences predicted as by the whole model.</param>
/// <param name="TaskAccuracy">Share of sequences predicted right.</param>
/// <param name="ModelTaskAccuracy">The same of the whole model.</param>
/// <param name="Kl">KL(whole ‖ circuit), nats for each scored position.</param>
internal sealed record RangeRow(int From, int To, double Match, double TaskAccuracy, double ModelTaskAccuracy, double Kl)
{
    public static RangeRow Of(int from, int to, Faithfulness circuit, double modelTaskAccuracy) => new(from, to, circuit.MatchAccuracy, circuit.TaskAccuracy, modelTaskAccuracy, circuit.Kl);
}

/// <summary>The smallest circuit that was found of one model, for one goal.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Level"><c>component</c> or <c>subspace</c>: between what the edges go.</param>
/// <param name="Norm">What norms divide by: <c>recomputed</c> or <c>constant</c>.</param>
/// <param name="Ablation">What stands in the place of a removed edge.</param>
/// <param name="Method"><c>greedy</c>, <c>learned</c>, or <c>both</c>: learned where greedy does not reach the goal.</param>
/// <param name="Goal">Match accuracy that was asked for.</param>
/// <param name="From">Shortest problem of the samples on which it was chosen.</param>
/// <param name="To">Longest.</param>
/// <param name="Seed">Seed.</param>
/// <param name="Edges">Edges kept.</param>
/// <param name="Of">Edges of the model.</param>
/// <param name="IsReached">Whether the goal is reached on the samples on which it was chosen.</param>
/// <param name="IsConfirmed">Whether it is reached on fresh samples of the same lengths.</param>
/// <param name="FitMatch">Match accuracy on the samples on which it was chosen.</param>
/// <param name="AllEdgesMatch">Match accuracy on the samples on which it was chosen with all edges: the price of a constant norm, 1 with a recomputed one.</param>
/// <param name="Fresh">On fresh samples of the same lengths.</param>
/// <param name="Ranges">On fresh samples of each range of lengths that the task has.</param>
/// <param name="Seconds">Time on one core or more.</param>
/// <param name="Kept">The edges, <c>source->reader</c>.</param>
internal sealed record RealCircuitRow(string Model, string Level, string Norm, string Ablation, string Method, double Goal, int From, int To, int Seed, int Edges, int Of, bool IsReached, bool IsConfirmed,
    double FitMatch, double AllEdgesMatch, RangeRow Fresh, IReadOnlyList<RangeRow> Ranges, double Seconds, IReadOnlyList<string> Kept)
{
    /// <summary>Edges between components that edges between subspaces make; null at the level of components.</summary>
    public int? ComponentEdges { get; init; }

    /// <summary>What the search was asked for: longest problem, sequences, steps of refits; with <see cref="Method"/> and the rest it tells one search from another.</summary>
    public string Search { get; init; } = "";
}
