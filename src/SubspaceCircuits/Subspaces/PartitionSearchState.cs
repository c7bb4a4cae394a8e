using SubspaceCircuits.Subspaces.Search;

namespace SubspaceCircuits.Subspaces;

/// <summary>Where a search for a partition is.</summary>
/// <param name="Start">Which of its trainings is under way, from 0.</param>
/// <param name="StepsBefore">Steps of those before.</param>
/// <param name="SearchBefore">How the search of those before went.</param>
/// <param name="SourceRows">Activations that were used before it began.</param>
/// <param name="Training">Where the training is.</param>
/// <param name="Best">The best of those before, or null.</param>
public sealed record PartitionSearchState(int Start, int StepsBefore, SearchStatistics SearchBefore, long SourceRows, PartitionTrainingState Training, PartitionBest? Best);

/// <summary>What the best training so far has found.</summary>
/// <param name="Loss">Mean nearest distance on fresh batches.</param>
/// <param name="Rotation">R, row by row. [d_model, d_model]</param>
/// <param name="Sizes">Columns of each subspace.</param>
/// <param name="Checks">Its checks for merges.</param>
public sealed record PartitionBest(double Loss, IReadOnlyList<float> Rotation, IReadOnlyList<int> Sizes, IReadOnlyList<MergeCheck> Checks);
