using SubspaceCircuits.Scores.Measures;

namespace SubspaceCircuits.Scores;

/// <summary>How well a predicted circuit and its scores recover the true one.</summary>
/// <param name="Prediction">The predicted circuit at its own threshold.</param>
/// <param name="Ranking">The scores at all thresholds.</param>
/// <param name="F1Chance">F1 of random predictions of as many candidates.</param>
/// <param name="AurocChance">AUROC of random scores; null where it is undefined.</param>
/// <param name="AuprcChance">AUPRC of random scores; null where it is undefined.</param>
public sealed record EdgeRecoveryScores(Confusion Prediction, Ranking Ranking, ChanceLevel F1Chance, ChanceLevel? AurocChance, ChanceLevel? AuprcChance);
