namespace SubspaceCircuits.Interventions.Heads;

/// <summary>How redundancy among heads is measured.</summary>
public sealed record HeadRedundancySettings
{
    /// <summary>What stands in the place of an ablated head's output. Default: its mean at each position of samples of the same length.</summary>
    public HeadAblation Ablation { get; init; } = HeadAblation.Mean;

    /// <summary>Sequences on which sets are chosen, and as many fresh ones on which they are measured; at least 1. Default 300.</summary>
    public int Samples { get; init; } = 300;

    /// <summary>Sequences over which means are taken, at least 1; of each length there should be many. Default 2400.</summary>
    public int Reference { get; init; } = 2400;

    /// <summary>Shortest problem. Default 1.</summary>
    public int From { get; init; } = 1;

    /// <summary>Longest problem. Default 50.</summary>
    public int To { get; init; } = 50;

    /// <summary>Match accuracies that suffice, each above 0 and at most 1. Default 0.95 and 0.99.</summary>
    public IReadOnlyList<double> Thresholds { get; init; } = [0.95, 0.99];

    /// <summary>Loss of match accuracy that counts as nothing. Default 0.01.</summary>
    public double MatchTolerance { get; init; } = 0.01;

    /// <summary>Divergence that counts as nothing, nats for each scored position. Default 0.01.</summary>
    public double KlTolerance { get; init; } = 0.01;

    /// <summary>Change that counts as nothing where another head is ablated already, as a share of its divergence. Default 0.05.</summary>
    public double RelativeTolerance { get; init; } = 0.05;

    /// <summary>Seed of all samples.</summary>
    public int Seed { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        if (Samples < 1 || Reference < 1)
            throw new ArgumentException($"Samples ({Samples}) and reference samples ({Reference}) should be at least 1.");
        if (Thresholds.Count == 0 || Thresholds.Any(threshold => !(threshold > 0 && threshold <= 1)))
            throw new ArgumentException($"Thresholds should lie above 0 and be at most 1, at least one of them, but are: {string.Join(", ", Thresholds)}.");
        if (!(MatchTolerance >= 0 && KlTolerance >= 0 && RelativeTolerance >= 0))
            throw new ArgumentException($"Tolerances should be zero or more, but are {MatchTolerance}, {KlTolerance} and {RelativeTolerance}.");
    }
}
