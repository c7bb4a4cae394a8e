using SubspaceCircuits.Subspaces.Rotations;
using SubspaceCircuits.Subspaces.Search;

namespace SubspaceCircuits.Subspaces;

/// <summary>Where a training is.</summary>
/// <param name="Steps">Steps done.</param>
/// <param name="SinceMerge">Steps since the last merge.</param>
/// <param name="Sizes">Columns of each subspace.</param>
/// <param name="Rotation">Rotation and optimiser.</param>
/// <param name="QueryBlock">Blocks of queries begun.</param>
/// <param name="NextQuery">Row of the present one that comes next.</param>
/// <param name="Center">What the search subtracts from all activations; empty before the first step. [d_model]</param>
/// <param name="Checks">Every check for merges so far.</param>
/// <param name="Search">How the search went so far.</param>
public sealed record PartitionTrainingState(int Steps, int SinceMerge, IReadOnlyList<int> Sizes, RotationState Rotation, long QueryBlock, int NextQuery, IReadOnlyList<float> Center, IReadOnlyList<MergeCheck> Checks, SearchStatistics Search);
