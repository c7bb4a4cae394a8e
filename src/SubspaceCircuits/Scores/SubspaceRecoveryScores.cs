using SubspaceCircuits.Scores.Measures;

namespace SubspaceCircuits.Scores;

/// <summary>How well a prediction recovers the true subspaces.</summary>
/// <param name="Srs">Subspace recovery score, 0 to 1: mean IoU with the assigned block, weighted by dimensions.</param>
/// <param name="AdjustedSrs">
/// <c>(SRS − SRS_rand) / (1 − SRS_rand)</c> with the mean of the chance level: about 0 at random, 1 when perfect; null when every rotation is perfect.
/// </param>
/// <param name="Chance">SRS of random rotations of the same sizes.</param>
/// <param name="Clustering">The overlaps as a contingency table: homogeneity falls with merged subspaces, completeness with split ones.</param>
/// <param name="CapturedVariance">
/// Part of the variance of all true subspaces that lies in their assigned blocks, <c>Σ tr(P_π(i)ᵀ Σ_i P_π(i)) / Σ tr(Σ_i)</c>; null without all covariances.
/// </param>
/// <param name="Subspaces">Every true subspace, in the order given.</param>
/// <param name="BlockSizes">Dimensions m_j of the predicted blocks.</param>
/// <param name="Overlaps"><c>O_ij</c>, dimensions. [true, predicted]</param>
public sealed record SubspaceRecoveryScores(double Srs, double? AdjustedSrs, ChanceLevel Chance, VMeasure Clustering, double? CapturedVariance,
    IReadOnlyList<SubspaceScores> Subspaces, IReadOnlyList<int> BlockSizes, IReadOnlyList<IReadOnlyList<double>> Overlaps);

/// <summary>How well one true subspace is recovered.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Size">Its dimensions k.</param>
/// <param name="Match">The block assigned to it, or null: there are fewer blocks than true subspaces.</param>
/// <param name="Union">The blocks that together hold most of it.</param>
public sealed record SubspaceScores(string Name, int Size, BlockMatch? Match, BestUnion Union);

/// <summary>A true subspace of k dimensions and the predicted block of m dimensions assigned to it. They may share nothing, where no better block was free.</summary>
/// <param name="Block">Place of the block in the prediction.</param>
/// <param name="Overlap"><c>O = ‖Uᵀ P‖²</c>, dimensions.</param>
/// <param name="Capture"><c>O / k</c>: part of the true subspace in the block.</param>
/// <param name="Purity"><c>O / m</c>: part of the block in the true subspace.</param>
/// <param name="IoU"><c>O / (k + m − O)</c>.</param>
/// <param name="LargestAngle">Largest of the min(k, m) principal angles, radians.</param>
/// <param name="GrassmannDistance"><c>(Σ θ²)^½</c> over them, radians.</param>
/// <param name="CapturedVariance"><c>tr(Pᵀ Σ P) / tr(Σ)</c>, by chance m / d_model; null without covariance or variance.</param>
public sealed record BlockMatch(int Block, double Overlap, double Capture, double Purity, double IoU, double LargestAngle, double GrassmannDistance, double? CapturedVariance);
