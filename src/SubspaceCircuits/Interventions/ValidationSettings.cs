namespace SubspaceCircuits.Interventions;

/// <summary>On what a circuit is validated.</summary>
public sealed record ValidationSettings
{
    /// <summary>Sequences, at least 1. Default 500.</summary>
    public int Samples { get; init; } = 500;

    /// <summary>Shortest problem. Default 1.</summary>
    public int From { get; init; } = 1;

    /// <summary>Longest problem. Default 50.</summary>
    public int To { get; init; } = 50;

    /// <summary>Random circuits of equal size to compare with. Default 1.</summary>
    public int Controls { get; init; } = 1;

    /// <summary>Seed of samples and controls.</summary>
    public int Seed { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        if (Samples < 1 || Controls < 0)
            throw new ArgumentException($"Samples ({Samples}) should be at least 1, controls ({Controls}) at least 0.");
    }
}

/// <summary>How a masked model does.</summary>
/// <param name="Name">Which circuit.</param>
/// <param name="Edges">Edges kept.</param>
/// <param name="MatchAccuracy">Share of sequences in which the greatest logit is the full model's at every supervised position.</param>
/// <param name="PositionMatch">Share of supervised positions in which the greatest logit is the full model's.</param>
/// <param name="TaskAccuracy">Share of sequences in which it is the right answer at every supervised position.</param>
/// <param name="Kl">Mean KL(full model ‖ masked model) over supervised positions, nats.</param>
public sealed record Faithfulness(string Name, int Edges, double MatchAccuracy, double PositionMatch, double TaskAccuracy, double Kl);

/// <summary>A circuit's validation.</summary>
/// <param name="Ablation">What stands in the place of a removed edge: <c>mean</c>.</param>
/// <param name="Samples">Sequences.</param>
/// <param name="Circuit">The circuit itself.</param>
/// <param name="Of">Candidate edges.</param>
/// <param name="ComponentEdges">Edges between components that the circuit makes.</param>
/// <param name="ComponentOf">Edges between components that the model has.</param>
/// <param name="ModelTaskAccuracy">Task accuracy of the full model on the same sequences.</param>
/// <param name="Controls">Random circuits with as many edges of every kind.</param>
/// <param name="Frontier">Circuits at other coverages.</param>
public sealed record Validation(string Ablation, int Samples, Faithfulness Circuit, int Of, int ComponentEdges, int ComponentOf, double ModelTaskAccuracy,
    IReadOnlyList<Faithfulness> Controls, IReadOnlyList<FrontierPoint> Frontier);

/// <summary>A circuit at some coverage.</summary>
/// <param name="Coverage">Share of the incoming variance that was kept.</param>
/// <param name="Circuit">How it does.</param>
public sealed record FrontierPoint(double Coverage, Faithfulness Circuit);
