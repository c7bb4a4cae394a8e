namespace SubspaceCircuits.Interventions;

/// <summary>
/// Learns what stands in the place of removed edges (optimal ablation, Li and Janson 2024): Adam on the divergence from the whole model, from the mean on, with
/// the gates held.
/// </summary>
internal static class ConstantsTraining
{
    /// <summary>Sets the constants of a model to those learned, or to the mean where nothing better was found.</summary>
    /// <param name="model">With <see cref="Ablation.Optimal"/>.</param>
    /// <param name="gates">[edge]</param>
    /// <param name="samples">What is learned from: others than those to measure with.</param>
    /// <param name="steps">Passes over the samples.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <returns>Divergence per scored position, nats, before and after.</returns>
    public static (double Before, double After) Run(GatedTransformer model, Tensor gates, GatedSamples samples, int steps, CancellationToken cancellation = default)
    {
        Reset(model);
        var before = Pass(model, gates, samples, null, cancellation);
        using var adam = optim.Adam([.. model.Learnables.Select(one => new TorchSharp.Modules.Adam.ParamGroup([one.Tensor], lr: one.Rate))]);
        for (var step = 0; step < steps; step++)
            Pass(model, gates, samples, adam, cancellation);
        var after = Pass(model, gates, samples, null, cancellation);
        if (after <= before)
            return (before, after);
        Reset(model);
        return (before, before);
    }

    private static void Reset(GatedTransformer model)
    {
        using var noGrad = no_grad();
        foreach (var constant in model.Learnables)
            constant.Tensor.zero_();
    }

    /// <summary>Divergence per scored position; with an optimizer, after a step for every batch.</summary>
    private static double Pass(GatedTransformer model, Tensor gates, GatedSamples samples, optim.Optimizer? optimizer, CancellationToken cancellation)
    {
        double sum = 0;
        foreach (var part in samples.Batches)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var grad = set_grad_enabled(optimizer is not null);
            optimizer?.zero_grad();
            var loss = part.Divergences(model.Forward(part.Input(), gates)).sum();
            sum += loss.to(float64).item<double>();
            if (optimizer is null)
                continue;
            (loss / part.Scored.Sum()).backward();
            optimizer.step();
        }

        return sum / samples.Batches.Sum(part => part.Scored.Sum());
    }
}
