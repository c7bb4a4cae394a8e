namespace SubspaceCircuits.Interventions.Pruning;

/// <summary>What pruning reports on the way.</summary>
/// <param name="Stage"><c>gates</c> or <c>removal</c>.</param>
/// <param name="Done">Steps, or edges that were tried in this pass.</param>
/// <param name="Total">Of how many.</param>
/// <param name="Edges">Edges that are kept at present.</param>
public sealed record PruningProgress(string Stage, int Done, int Total, int Edges);

/// <summary>What pruning found.</summary>
/// <param name="Kept">For every edge whether it is kept.</param>
/// <param name="IsReached">Whether match accuracy reaches the goal on the held samples.</param>
/// <param name="Held">How it does on the samples on which it was chosen: confirm on others.</param>
/// <param name="Start">How the edges did that pruning began with, on the same samples; with all edges this is the price of a constant norm.</param>
public sealed record PruningResult(IReadOnlyList<bool> Kept, bool IsReached, Faithfulness Held, Faithfulness Start)
{
    /// <summary>How many edges are kept.</summary>
    public int Edges => Kept.Count(kept => kept);
}
