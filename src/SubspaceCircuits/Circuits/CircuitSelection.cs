namespace SubspaceCircuits.Circuits;

/// <summary>Chooses the edges of a circuit among the candidates.</summary>
public static class CircuitSelection
{
    /// <summary>
    /// Keeps for every target (subspace, head's score, logits) the fewest incoming edges that cover a share of the incoming variance,
    /// then removes what does not lie on a way from the embeddings to the logits, until nothing more falls off.
    /// </summary>
    /// <param name="candidates">All edges with scores.</param>
    /// <param name="coverage">Share of the variance to cover, above 0 up to 1; 1 keeps every edge that carries anything.</param>
    public static Circuit ByCoverage(Circuit candidates, double coverage)
    {
        if (!(coverage > 0 && coverage <= 1))
            throw new ArgumentException($"The coverage should lie above 0 and be at most 1, but is {coverage}.");
        HashSet<CircuitEdge> kept = [.. candidates.Edges.GroupBy(edge => edge.Target).SelectMany(group => Fewest(group, coverage))];
        return WithoutDangling(candidates.Keep(kept.Contains));
    }

    /// <summary>
    /// Keeps every edge that the weights can transmit, however little: energy above a share of the greatest of its component and kind; then
    /// removes what does not lie on a way from the embeddings to the logits. What a model whose blocks are exactly zero or not computes.
    /// </summary>
    /// <remarks>Of the constant part of a query, which has no energy, the variance. That of other edges may cancel to nothing but rounding, as x − x in an MLP.</remarks>
    /// <param name="candidates">All edges with scores.</param>
    /// <param name="tolerance">Share below which a block is rounding.</param>
    public static Circuit ByStructure(Circuit candidates, double tolerance = 1e-12)
    {
        var greatest = candidates.Edges.GroupBy(edge => (edge.Kind, edge.Via)).ToDictionary(group => group.Key, group => (Energy: group.Max(edge => edge.Scores.Energy), Variance: group.Max(edge => edge.Scores.Variance)));
        return WithoutDangling(candidates.Keep(edge => greatest[(edge.Kind, edge.Via)] is var most
            && (edge.Query == "const" ? edge.Scores.Variance > tolerance * most.Variance : edge.Scores.Energy > tolerance * most.Energy)));
    }

    /// <summary>
    /// Keeps the edges with the greatest scores among all, then removes what does not lie on a way from the embeddings to the logits. Scores in nats
    /// are comparable between kinds of edges.
    /// </summary>
    /// <param name="candidates">All edges.</param>
    /// <param name="scores">A score for each, in the order of the edges.</param>
    /// <param name="count">How many to choose; fewer are kept where some dangle. Ties go to the earlier edge.</param>
    public static Circuit ByScore(Circuit candidates, IReadOnlyList<double> scores, int count)
    {
        if (scores.Count != candidates.Edges.Count)
            throw new ArgumentException($"There are {candidates.Edges.Count} edges, but {scores.Count} scores.");
        var chosen = Enumerable.Range(0, scores.Count).OrderByDescending(edge => scores[edge]).Take(count).Select(edge => candidates.Edges[edge]).ToHashSet(ReferenceEqualityComparer.Instance);
        return WithoutDangling(candidates.Keep(chosen.Contains));
    }

    /// <summary>
    /// Keeps the edges whose energy exceeds chance at a false discovery rate, then removes what dangles. A constant query has no energy to test: it is kept where it carries
    /// at least an even share of its head's score.
    /// </summary>
    /// <param name="candidates">All edges with their nulls (<see cref="Nulls.CircuitNulls"/>).</param>
    /// <param name="rate">The rate, above 0 and below 1.</param>
    /// <exception cref="ArgumentException">The rate is out of range, or the nulls are missing.</exception>
    public static Circuit BySignificance(Circuit candidates, double rate)
    {
        if (!(rate > 0 && rate < 1))
            throw new ArgumentException($"The false discovery rate should lie between 0 and 1, but is {rate}.");
        if (candidates.Edges.Any(edge => edge.Query != "const" && edge.Scores.Q is null))
            throw new ArgumentException("To select by significance, every edge should have its null.");
        var atHead = candidates.Edges.Where(edge => edge.Kind is EdgeKind.Qk).GroupBy(edge => edge.Via!).ToDictionary(head => head.Key, head => head.Count());
        return WithoutDangling(candidates.Keep(edge => edge.Scores.Q is { } q ? q <= rate : edge.Scores.VarianceShare >= 1.0 / atHead[edge.Via!]));
    }

    /// <summary>Removes kept edges that nothing feeds or that feed nothing, until stable. A head or MLP without outgoing edges goes with all its own.</summary>
    public static Circuit WithoutDangling(Circuit circuit)
    {
        var kept = circuit.Kept.ToList();
        while (true)
        {
            var fed = kept.Where(edge => edge.To is not null).Select(edge => edge.To!).ToHashSet();
            var feeding = kept.SelectMany(edge => (string?[])[edge.From, edge.Query, edge.Key]).OfType<string>().ToHashSet();
            var moving = kept.Where(edge => edge.Kind is EdgeKind.Ov).Select(edge => edge.Via!).ToHashSet();
            bool IsFed(string? id) => id is null or "embed" or "pos" or "const" || fed.Contains(id);
            bool IsRead(string? id) => id is null or "logits" || feeding.Contains(id);
            bool IsAlive(CircuitEdge edge) => IsFed(edge.From) && IsFed(edge.Query) && IsFed(edge.Key) && IsRead(edge.To)
                && (edge.Kind is not EdgeKind.Qk || moving.Contains(edge.Via!));

            var alive = kept.Where(IsAlive).ToList();
            if (alive.Count == kept.Count)
                break;
            kept = alive;
        }

        HashSet<CircuitEdge> left = [.. kept];
        return circuit.Keep(left.Contains);
    }

    private static IEnumerable<CircuitEdge> Fewest(IEnumerable<CircuitEdge> incoming, double coverage)
    {
        var covered = 0.0;
        foreach (var edge in incoming.OrderByDescending(edge => edge.Scores.Variance))
        {
            // Rounding may bring the sum to 1 before the last edges are counted.
            if ((coverage < 1 && covered >= coverage) || edge.Scores.Variance <= 0)
                yield break;
            covered += edge.Scores.VarianceShare;
            yield return edge;
        }
    }
}
