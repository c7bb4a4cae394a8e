namespace SubspaceCircuits.Subspaces.Search;

/// <summary>The nearest key of every query of a batch in every subspace.</summary>
/// <param name="subspaces">Subspaces.</param>
/// <param name="queries">Queries.</param>
internal sealed class Neighbors(int subspaces, int queries)
{
    public int Queries { get; } = queries;

    /// <summary>Index of the nearest key. [unit, query]</summary>
    public int[] Keys { get; } = new int[subspaces * queries];

    /// <summary>Its distance. [unit, query]</summary>
    public float[] Distances { get; } = new float[subspaces * queries];
}
