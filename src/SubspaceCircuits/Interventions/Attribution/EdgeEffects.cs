namespace SubspaceCircuits.Interventions.Attribution;

/// <summary>The causal effect of single edges (score D): one is ablated, all others stay.</summary>
public static class EdgeEffects
{
    /// <summary>KL(whole model ‖ model without the edge), nats per scored position.</summary>
    /// <param name="model">The model.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="edges">Which edges; null for all.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <returns>In the order of <paramref name="edges"/>.</returns>
    public static double[] Divergences(IGatedModel model, GatedSamples samples, IReadOnlyList<int>? edges = null, CancellationToken cancellation = default)
    {
        using var noGrad = no_grad();
        edges ??= [.. Enumerable.Range(0, model.EdgeCount)];
        var sums = new double[edges.Count];
        foreach (var part in samples.Batches)
        {
            using var outer = NewDisposeScope();
            var gates = ones(model.EdgeCount, dtype: part.Whole.dtype, device: part.Whole.device);
            for (var at = 0; at < edges.Count; at++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                gates[edges[at]] = 0f;
                sums[at] += part.Divergences(model.Forward(part.Input(), gates)).to(float64).sum().item<double>();
                gates[edges[at]] = 1f;
            }
        }

        var positions = samples.Batches.Sum(part => part.Scored.Sum());
        return [.. sums.Select(sum => sum / positions)];
    }
}
