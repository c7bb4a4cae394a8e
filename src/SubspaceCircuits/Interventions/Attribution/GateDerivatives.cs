namespace SubspaceCircuits.Interventions.Attribution;

/// <summary>
/// Derivatives of a model's log likelihood by its gates, one row for every sample: all edges at the cost of one backward pass. To first order the derivative
/// by a gate is what the log likelihood loses when the edge is ablated.
/// </summary>
public static class GateDerivatives
{
    /// <summary>
    /// EAP (Syed et al. 2023) and, with more than one step, EAP-IG (inputs) (Hanna et al. 2024): derivatives of the log likelihood of the whole model's own
    /// predictions, summed over scored positions and averaged over embeddings between the ablated ones and those of the tokens.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="steps">Points of the integration, 1 for EAP.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <returns>In the order of the samples. [sample][edge]</returns>
    public static double[][] OfPredictions(IGatedModel model, GatedSamples samples, int steps = 1, CancellationToken cancellation = default)
    {
        double[][]? sum = null;
        for (var step = 1; step <= steps; step++)
        {
            var at = (double)step / steps;
            var rows = Rows(model, samples, at, part => samples.Task.Scoring.Predict(part.Whole), cancellation);
            sum = sum is null ? rows : [.. sum.Zip(rows, (one, other) => one.Zip(other, (x, y) => x + y).ToArray())];
        }

        return [.. sum!.Select(row => row.Select(value => value / steps).ToArray())];
    }

    /// <summary>
    /// Effectiveness (score C): <c>½ (∂ ln p(ŷ)/∂g)²</c> with outcomes ŷ drawn from the model itself, whose mean is the Fisher form <c>½ E[Δᵀ F Δ]</c>: to second
    /// order the divergence, in nats, from the model without the edge (Anthropic 2026, "effectiveness"). Draws at different positions have no covariance, so
    /// one backward pass serves all.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="draws">Outcomes drawn for each sample.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <returns>Nats for all scored positions of a sample together, in the order of the samples. [sample][edge]</returns>
    public static double[][] Effectiveness(IGatedModel model, GatedSamples samples, int draws = 1, ulong seed = 0, CancellationToken cancellation = default)
    {
        using var generator = new Generator(seed, samples.Batches[0].Whole.device);
        double[][]? sum = null;
        for (var draw = 0; draw < draws; draw++)
        {
            var rows = Rows(model, samples, 1, part => samples.Task.Scoring.Sample(part.Whole, generator), cancellation);
            sum ??= [.. rows.Select(row => new double[row.Length])];
            foreach (var (total, row) in sum.Zip(rows))
            {
                for (var edge = 0; edge < row.Length; edge++)
                    total[edge] += row[edge] * row[edge] / (2 * draws);
            }
        }

        return sum!;
    }

    private static double[][] Rows(IGatedModel model, GatedSamples samples, double interpolation, Func<GatedBatch, Tensor> outcome, CancellationToken cancellation)
    {
        List<double[]> rows = [];
        foreach (var part in samples.Batches)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var grad = enable_grad();
            var gates = ones([part.Batch.Samples.Count, model.EdgeCount], dtype: part.Whole.dtype, device: part.Whole.device).requires_grad_();
            var likelihood = samples.Task.Scoring.LogLikelihood(model.Forward(part.Input(interpolation), gates), outcome(part).detach());
            part.Sums(likelihood).sum().backward();
            var flat = gates.grad!.to(float64).cpu().contiguous().data<double>().ToArray();
            rows.AddRange(flat.Chunk(model.EdgeCount));
        }

        return [.. rows];
    }
}
