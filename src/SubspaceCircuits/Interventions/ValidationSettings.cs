using SubspaceCircuits.Circuits;
using SubspaceCircuits.Interventions.Heads;
using SubspaceCircuits.Interventions.Norms;
using SubspaceCircuits.Tasks;

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

    /// <summary>Coverage that the circuit was chosen with, at which the stability of such a choice is measured. Default 0.9.</summary>
    public double Coverage { get; init; } = 0.9;

    /// <summary>What stands in the place of a removed edge. Default the mean.</summary>
    public Ablation Ablation { get; init; }

    /// <summary>Random circuits of equal size to compare with, and circuits in random subspaces. Default 1 of each.</summary>
    public int Controls { get; init; } = 1;

    /// <summary>Sequences on which single edges are ablated, effectiveness is measured, and optimal constants are learned. Default 64.</summary>
    public int EffectSamples { get; init; } = 64;

    /// <summary>Edges to ablate one by one at most: those of the circuit first, then others at random. Default 500.</summary>
    public int MaxEffects { get; init; } = 500;

    /// <summary>Outcomes drawn for each sequence to measure effectiveness. Default 4.</summary>
    public int Draws { get; init; } = 4;

    /// <summary>Bootstrap samples to measure stability. Default 20.</summary>
    public int Bootstraps { get; init; } = 20;

    /// <summary>Passes over the sequences in which optimal constants are learned. Default 100.</summary>
    public int ConstantSteps { get; init; } = 100;

    /// <summary>Steps in which constants in the place of norms are learned, to price them at their best; 0 for none. Default 0.</summary>
    public int NormSteps { get; init; }

    /// <summary>Seed of samples and controls.</summary>
    public int Seed { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        if (Samples < 1 || EffectSamples < 1 || Draws < 1 || Bootstraps < 1 || ConstantSteps < 1)
            throw new ArgumentException($"Samples ({Samples}), effect samples ({EffectSamples}), draws ({Draws}), bootstraps ({Bootstraps}) and constant steps ({ConstantSteps}) should be at least 1.");
        if (Controls < 0 || MaxEffects < 0 || NormSteps < 0)
            throw new ArgumentException($"Controls ({Controls}), max effects ({MaxEffects}) and norm steps ({NormSteps}) should be at least 0.");
    }
}

/// <summary>A circuit's validation.</summary>
/// <param name="Ablation">What stands in the place of a removed edge. Effects and effectiveness of single edges are by the mean where it is optimal.</param>
/// <param name="Samples">Sequences.</param>
/// <param name="Circuit">The circuit itself.</param>
/// <param name="Of">Candidate edges.</param>
/// <param name="ComponentEdges">Edges between components that the circuit makes.</param>
/// <param name="ComponentOf">Edges between components that the model has.</param>
/// <param name="ModelTaskAccuracy">Task accuracy of the full model on the same sequences.</param>
/// <param name="Controls">Random circuits with as many edges of every kind, the same in random subspaces, and circuits of other tasks.</param>
/// <param name="Frontiers">Circuits of other sizes, by way of choosing.</param>
/// <param name="Scored">The circuit with the effectiveness of every edge and the effect of those measured.</param>
/// <param name="Agreement">How far the scores predict the effects, by family.</param>
/// <param name="Norms">What it costs to put constants in the place of norms, as scores do; null where the model has no norms.</param>
/// <param name="Mlps">How far first order tells what MLPs do.</param>
/// <param name="HeadPairs">Of heads that the weights name as alike or opposed, what ablating both does beyond each.</param>
/// <param name="Sequences">The sequences in the order of <see cref="Faithfulness.KlOfSamples"/>.</param>
public sealed record Validation(Ablation Ablation, int Samples, Faithfulness Circuit, int Of, int ComponentEdges, int ComponentOf, double ModelTaskAccuracy,
    IReadOnlyList<Faithfulness> Controls, IReadOnlyList<CircuitFrontier> Frontiers, Circuit Scored, IReadOnlyList<ScoreAgreement> Agreement, NormReport? Norms, IReadOnlyList<MlpReport> Mlps, IReadOnlyList<HeadPairEffect> HeadPairs, IReadOnlyList<TaskSample> Sequences);
