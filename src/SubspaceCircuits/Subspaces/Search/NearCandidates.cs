namespace SubspaceCircuits.Subspaces.Search;

/// <summary>Keys that may be a query's nearest while their distances are known up to a slack.</summary>
/// <param name="slack">How far a distance may be off.</param>
/// <param name="keys">Space, which grows.</param>
internal ref struct NearCandidates(float slack, List<(int Key, float Squared)> keys)
{
    private const int Prune = 64;

    private int _next = Prune;

    /// <summary>The least squared distance so far.</summary>
    public float Least { get; private set; } = float.PositiveInfinity;

    /// <summary>Squared distance above which a key cannot be the nearest.</summary>
    public float Limit { get; private set; } = float.PositiveInfinity;

    /// <summary>Takes note of a squared distance.</summary>
    public void Lower(float squared)
    {
        if (!(squared < Least))
            return;
        Least = squared;
        var limit = MathF.Sqrt(squared) + 2 * slack;
        Limit = limit * limit * (1 + 1e-5f);
    }

    public void Add(int key, float squared)
    {
        keys.Add((key, squared));
        if (keys.Count < _next)
            return;
        Settle();
        _next = Math.Max(Prune, 2 * keys.Count);
    }

    /// <summary>Drops what has turned out too far.</summary>
    public readonly void Settle()
    {
        var kept = 0;
        for (var i = 0; i < keys.Count; i++)
        {
            if (keys[i].Squared <= Limit)
                keys[kept++] = keys[i];
        }

        keys.RemoveRange(kept, keys.Count - kept);
    }
}
