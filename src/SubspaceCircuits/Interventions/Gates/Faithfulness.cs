namespace SubspaceCircuits.Interventions;

/// <summary>How a model with some edges does beside the whole one.</summary>
/// <param name="Name">Which circuit.</param>
/// <param name="Edges">Edges kept.</param>
/// <param name="MatchAccuracy">Share of sequences in which the prediction is the whole model's at every supervised position.</param>
/// <param name="PositionMatch">Share of supervised positions in which it is.</param>
/// <param name="TaskAccuracy">Share of sequences in which it is the right answer at every supervised position.</param>
/// <param name="Kl">Mean KL(whole model ‖ this one) over supervised positions, nats.</param>
/// <param name="KlOfSamples">The same for each sequence, in the order of the samples.</param>
public sealed record Faithfulness(string Name, int Edges, double MatchAccuracy, double PositionMatch, double TaskAccuracy, double Kl, IReadOnlyList<double> KlOfSamples)
{
    /// <summary>Runs a gated model on samples.</summary>
    /// <param name="name">Which circuit.</param>
    /// <param name="model">The model.</param>
    /// <param name="gates">[edge]</param>
    /// <param name="samples">The samples, with the whole model's logits.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    public static Faithfulness Of(string name, IGatedModel model, Tensor gates, GatedSamples samples, CancellationToken cancellation = default)
    {
        using var noGrad = no_grad();
        double match = 0, matching = 0, right = 0, divergence = 0, positions = 0;
        List<double> ofSamples = [];
        foreach (var part in samples.Batches)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var logits = model.Forward(part.Input(), gates);
            var (sequences, single) = part.Matches(logits);
            (match, matching, right) = (match + sequences, matching + single, right + part.Right(logits));
            var sums = part.Divergences(logits).to(float64).cpu().data<double>().ToArray();
            ofSamples.AddRange(sums.Zip(part.Scored, (sum, scored) => sum / scored));
            divergence += sums.Sum();
            positions += part.Scored.Sum();
        }

        return new Faithfulness(name, (int)gates.gt(0).sum().item<long>(), match / samples.Count, matching / positions, right / samples.Count, divergence / positions, ofSamples);
    }
}
