namespace SubspaceCircuits.Subspaces.Search;

/// <summary>
/// Nearest keys in every subspace: by trees where a subspace has few dimensions, by candidates where it has more. Owns what it keeps between
/// steps and frees it; the window stays the caller's.
/// </summary>
internal sealed unsafe class SearchEngine(EngineSettings settings, KeyWindow window) : IDisposable
{
    /// <summary>Dimensions up to which boxes leave out most keys.</summary>
    public const int TreeDimensions = 8;

    private readonly ITreeSearch _trees = Kernels.Trees(settings);
    private readonly CandidateSearch _candidates = new(settings);

    public SearchStatistics Statistics => _candidates.Statistics;

    /// <summary>Finds the nearest keys of a batch.</summary>
    /// <param name="rotation">R, [d_model, d_model].</param>
    /// <param name="sizes">Columns of each subspace.</param>
    /// <param name="place">Where the batch lies.</param>
    /// <param name="queries">Gives queries of the present block, less the center.</param>
    /// <param name="batch">The batch itself, less the center. [count, d_model]</param>
    /// <param name="cancellation">Checked between tiles.</param>
    public Neighbors Find(float* rotation, IReadOnlyList<int> sizes, QueryPlace place, QuerySource queries, float* batch, CancellationToken cancellation)
    {
        var found = new Neighbors(sizes.Count, place.Count);
        int[] small = [.. Enumerable.Range(0, sizes.Count).Where(subspace => sizes[subspace] <= TreeDimensions)];
        int[] large = [.. Enumerable.Range(0, sizes.Count).Where(subspace => sizes[subspace] > TreeDimensions)];
        if (small.Length > 0)
            _trees.Find(window, rotation, sizes, small, batch, place.Count, found, cancellation);
        if (large.Length > 0)
            _candidates.Find(window, rotation, sizes, large, place, queries, found, cancellation);
        return found;
    }

    public void Dispose()
    {
        _trees.Dispose();
        _candidates.Dispose();
    }
}
