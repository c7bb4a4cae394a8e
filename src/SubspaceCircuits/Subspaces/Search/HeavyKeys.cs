namespace SubspaceCircuits.Subspaces.Search;

/// <summary>
/// The few keys that lie much farther from the center than the others. They move the most when the rotation moves, so they are searched
/// anew at every step, and the bound for all others is theirs no longer. Owns a copy of their rows and disposes it.
/// </summary>
internal sealed class HeavyKeys : IDisposable
{
    private const double Share = 0.99, Much = 1.1;

    private readonly Tensor? _rows;

    public HeavyKeys(KeyWindow window)
    {
        float[] norms = [.. window.Blocks.SelectMany(block => block.Norms)];
        float[] sorted = [.. norms.Order()];
        var usual = sorted[(int)(Share * (sorted.Length - 1))];
        Bound = Math.Min(sorted[^1], (float)Much * usual);
        Keys = [.. Enumerable.Range(0, norms.Length).Where(key => norms[key] > Bound)];
        if (Keys.Length == 0)
            return;
        using var scope = NewDisposeScope();
        var start = 0;
        List<Tensor> rows = [];
        foreach (var block in window.Blocks)
        {
            long[] here = [.. Keys.Where(key => key >= start && key < start + block.Rows.Count).Select(key => (long)(key - start))];
            if (here.Length > 0)
                rows.Add(block.Tensor.cpu().index_select(0, tensor(here)));
            start += block.Rows.Count;
        }

        _rows = cat(rows, dim: 0).DetachFromDisposeScope();
        Rows = new StoredRows(_rows);
    }

    /// <summary>How far from the center the other keys lie at most.</summary>
    public float Bound { get; }

    /// <summary>Indices in the window.</summary>
    public int[] Keys { get; }

    /// <summary>Their rows, or null when there are none.</summary>
    public StoredRows? Rows { get; }

    public void Dispose() => _rows?.Dispose();
}
