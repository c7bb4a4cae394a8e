using SubspaceCircuits.Backend.Vectors;

namespace SubspaceCircuits.Subspaces.Search;

/// <summary>How a search computes.</summary>
internal sealed record EngineSettings
{
    /// <summary>Threads, at least 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Width of vectors.</summary>
    public VectorPath Path { get; init; } = VectorPaths.Best;

    /// <summary>Whether nearest keys are proved.</summary>
    public SearchMode Mode { get; init; }

    /// <summary>Candidates kept for each query and subspace.</summary>
    public int Kept { get; init; } = 64;

    /// <summary>Whether candidates are scored in bytes; else in float32.</summary>
    public bool IsBytes { get; init; } = true;

    /// <summary>Whether keys may be rotated in bfloat16 for candidates.</summary>
    public bool IsBrainFloat { get; init; } = VectorPaths.HasBrainFloat;

    /// <summary>Most memory for candidates.</summary>
    public long MemoryBytes { get; init; } = 1L << 30;
}
