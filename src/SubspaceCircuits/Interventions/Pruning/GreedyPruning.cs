namespace SubspaceCircuits.Interventions.Pruning;

/// <summary>
/// Backward elimination: whole components, then edges, are removed one by one, those of least score first, and a removal stays if match accuracy on the held samples still reaches the goal: passes with the
/// constants as they are until none is removed, then passes with constants that are fitted again for every edge. The result is minimal by single removals, not by sets.
/// </summary>
public static class GreedyPruning
{
    private const int Chunks = 3;

    // Nats per position after the first chunk of a refit from which no constants lead back.
    private const double Hopeless = 1;

    /// <summary>Prunes.</summary>
    /// <param name="problem">The gated model and its samples. Its constants end as the result needs them.</param>
    /// <param name="scores">How much each edge matters, in any unit.</param>
    /// <param name="settings">The goal, and how long it is sought.</param>
    /// <param name="start">Edges to begin with; null for all.</param>
    /// <param name="progress">Told of every edge; may be null.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    public static PruningResult Run(PruningProblem problem, IReadOnlyList<double> scores, GreedySettings settings, IReadOnlyList<bool>? start = null, IProgress<PruningProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        settings.Validate();
        if (scores.Count != problem.Model.EdgeCount)
            throw new ArgumentException($"There are {problem.Model.EdgeCount} edges, but {scores.Count} scores.");
        var fits = 0;
        bool[] kept = [.. start ?? Enumerable.Repeat(true, scores.Count)];
        var isReached = TryKeep(kept, settings.RefitSteps > 0 && problem.Learnables.Count > 0);
        var first = problem.Measure(kept, cancellation);
        if (!isReached)
            return new PruningResult(kept, false, first, first);

        // First what goes as the constants are, which costs a run each, then what goes with others; components before edges, or a detour through one would cost the edge beside it.
        int[][] single = [.. Enumerable.Range(0, kept.Length).Select(edge => (int[])[edge])];
        foreach (var candidates in (IReadOnlyList<int[]>[])[problem.Groups, single])
        {
            foreach (var refits in problem.Learnables.Count > 0 && settings.RefitSteps > 0 ? (bool[])[false, true] : [false])
            {
                for (var pass = 0; pass < settings.Passes && TryPass(candidates, refits); pass++)
                {
                }
            }
        }

        while (problem.Shortcuts(kept).FirstOrDefault(trial => TryKeep(trial, problem.Learnables.Count > 0 && settings.RefitSteps > 0)) is { } shorter)
            kept = shorter;
        return new PruningResult(kept, true, Settle(), first);

        // The constants were fitted until the goal was just reached, on these samples: a longer fit brings other samples there too.
        Faithfulness Settle()
        {
            var (now, saved) = (problem.Measure(kept, cancellation), problem.Save());
            problem.Fit(kept, 2 * settings.RefitSteps, 1_000_000 + fits, cancellation);
            var settled = problem.Measure(kept, cancellation);
            if (settled.MatchAccuracy < now.MatchAccuracy)
            {
                problem.Restore(saved);
                return now;
            }

            foreach (var tensor in saved)
                tensor.Dispose();
            return settled;
        }

        // Whether an edge was removed.
        bool TryPass(IReadOnlyList<int[]> candidates, bool refits)
        {
            var before = kept;
            var order = candidates.Where(edges => edges.Any(edge => kept[edge])).OrderBy(edges => edges.Where(edge => kept[edge]).Sum(edge => scores[edge])).ToArray();
            for (var at = 0; at < order.Length; at++)
            {
                if (!order[at].Any(edge => kept[edge]))
                    continue;
                bool[] without = [.. kept.Select((isKept, edge) => isKept && !order[at].Contains(edge))], connected = problem.Connected(without);
                if (TryKeep(connected, refits))
                    kept = connected;
                else if (!connected.SequenceEqual(without) && TryKeep(without, refits))
                    kept = without;
                progress?.Report(new PruningProgress("removal", at + 1, order.Length, kept.Count(one => one)));
            }

            return kept != before;
        }

        bool TryKeep(bool[] trial, bool refits)
        {
            if (problem.Reaches(trial, settings.Goal, cancellation))
                return true;
            if (!refits)
                return false;
            var saved = problem.Save();
            for (var chunk = 0; chunk < Chunks; chunk++)
            {
                var steps = (settings.RefitSteps * (chunk + 1) / Chunks) - (settings.RefitSteps * chunk / Chunks);
                var divergence = problem.Fit(trial, steps, 1_000_000 + fits, cancellation);
                fits += steps;
                if (divergence > Hopeless)
                    break;
                if (!problem.Reaches(trial, settings.Goal, cancellation))
                    continue;
                foreach (var tensor in saved)
                    tensor.Dispose();
                return true;
            }

            problem.Restore(saved);
            return false;
        }
    }
}
