namespace SubspaceCircuits.Scores;

/// <summary>An edge, or a node, that could be part of the circuit.</summary>
/// <param name="Id">Its name; no two are the same.</param>
/// <param name="IsTrue">Whether it belongs to the true circuit.</param>
/// <param name="Score">How strongly it is predicted, finite; only the order counts.</param>
/// <param name="IsPredicted">Whether it belongs to the predicted circuit.</param>
/// <param name="RedundancyGroup">Name of a group of which any part does as well as the whole, as with a head split in two; else null.</param>
public sealed record Candidate(string Id, bool IsTrue, double Score, bool IsPredicted, string? RedundancyGroup = null);
