namespace SubspaceCircuits.Interventions.Heads;

/// <summary>The model with some heads ablated, beside the whole model.</summary>
/// <param name="MatchAccuracy">Share of sequences in which every scored prediction is the whole model's.</param>
/// <param name="TaskAccuracy">Share of sequences in which every scored prediction is right.</param>
/// <param name="Kl">Mean divergence of the predictions from the whole model's, nats for each scored position.</param>
public sealed record HeadSetMeasure(double MatchAccuracy, double TaskAccuracy, double Kl);

/// <summary>Counts from which a <see cref="HeadSetMeasure"/> is made, summed over batches.</summary>
internal sealed class HeadSetTally
{
    private double _sequences, _match, _right, _positions, _divergence;

    public void Add(double sequences, double match, double right, double positions, double divergence)
    {
        (_sequences, _match, _right) = (_sequences + sequences, _match + match, _right + right);
        (_positions, _divergence) = (_positions + positions, _divergence + divergence);
    }

    public HeadSetMeasure Measure => new(_match / _sequences, _right / _sequences, _positions > 0 ? _divergence / _positions : 0);
}
