using Parameter = TorchSharp.Modules.Parameter;

namespace SubspaceCircuits.Interventions.Pruning;

/// <summary>
/// Gates are learned together with the constants of the ablation: <c>KL(whole ‖ gated) + λ Σ σ(θ)</c>, with a hard-concrete gate (Louizos et al. 2018) for every edge and sample, as in Li and
/// Janson (2024). λ grows from round to round, each going on from the one before; after each the gates are made hard, the constants fitted, and the smallest choice that reaches the goal is
/// remembered. Single edges are then removed from it (<see cref="GreedyPruning"/>). Same seed, same result.
/// </summary>
public static class LearnedPruning
{
    private const double Temperature = 2.0 / 3, Low = -.1, High = 1.1, MaxLogit = 5;

    /// <summary>Prunes.</summary>
    /// <param name="problem">The gated model and its samples. Its constants end as the result needs them.</param>
    /// <param name="settings">Settings.</param>
    /// <param name="progress">Told of every step; may be null.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    public static PruningResult Run(PruningProblem problem, LearnedSettings settings, IProgress<PruningProgress>? progress = null, CancellationToken cancellation = default)
    {
        settings.Validate();
        var goal = settings.Greedy.Goal;
        bool[] all = [.. Enumerable.Repeat(true, problem.Model.EdgeCount)];
        problem.Fit(all, settings.RefitSteps, 2_000_000, cancellation); // constant norms; the constants do nothing yet
        var initial = problem.Save();
        var start = problem.Measure(all, cancellation);
        (bool[] Kept, Tensor[] Constants)? best = start.MatchAccuracy >= goal ? (all, problem.Save()) : null;

        using var generator = new Generator((ulong)problem.Seed);
        using var logits = new Parameter(full([all.Length], settings.Start, dtype: problem.Type, device: problem.Device));
        logits.DetachFromDisposeScope();
        using var optimizer = problem.Optimizer(new Learnable(logits, settings.GateRate));
        var (step, misses) = (0, 0);
        for (var round = 0; round < settings.Rounds && misses < settings.Patience; round++)
        {
            var price = settings.FirstPrice * Math.Pow(settings.PriceFactor, round);
            for (var i = 0; i < settings.Steps; i++, step++)
            {
                cancellation.ThrowIfCancellationRequested();
                Step(problem, logits, optimizer, generator, price, step);
                progress?.Report(new PruningProgress("gates", step + 1, settings.Rounds * settings.Steps, Hard(logits).Count(one => one)));
            }

            var kept = problem.Connected(Hard(logits));
            problem.Fit(kept, settings.RefitSteps, 3_000_000 + step, cancellation);
            if (!problem.Reaches(kept, goal, cancellation))
            {
                misses++;
                continue;
            }

            misses = 0;
            if (kept.Count(one => one) >= (best?.Kept.Count(one => one) ?? int.MaxValue))
                continue;
            Forget(best?.Constants);
            best = (kept, problem.Save());
        }

        problem.Restore(best?.Constants ?? initial);
        if (best is not { } found)
            return new PruningResult(all, false, start, start);
        Forget(initial);
        return GreedyPruning.Run(problem, problem.RemovalDivergences(found.Kept, cancellation), settings.Greedy, found.Kept, progress, cancellation) with { Start = start };
    }

    private static void Step(PruningProblem problem, Parameter logits, optim.Optimizer optimizer, Generator generator, double price, int step)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        var loss = problem.Loss(step, rows =>
        {
            var chance = rand([rows, logits.shape[0]], dtype: problem.Type, device: problem.Device, generator: generator).clamp(1e-6, 1 - 1e-6);
            var noise = chance.log() - (1 - chance).log();                                                        // logistic, [batch, edge]
            return ((((noise + logits) / Temperature).sigmoid() * (High - Low)) + Low).clamp(0, 1);
        }) + (price * logits.sigmoid().sum());
        loss.backward();
        optimizer.step();
        using var noGrad = no_grad();
        logits.clamp_(-MaxLogit, MaxLogit); // where a gate is settled no gradient would bring it back
    }

    private static bool[] Hard(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return logits.detach().gt(0).cpu().data<bool>().ToArray();
    }

    private static void Forget(Tensor[]? constants)
    {
        foreach (var tensor in constants ?? [])
            tensor.Dispose();
    }
}
