namespace SubspaceCircuits.Interventions.Pruning;

/// <summary>Samples of a pruning.</summary>
public sealed record PruningSamples
{
    /// <summary>Shortest problem. Default 1.</summary>
    public int From { get; init; } = 1;

    /// <summary>Longest problem. Default 50.</summary>
    public int To { get; init; } = 50;

    /// <summary>Sequences on which every choice is made, at least 1. Default 200.</summary>
    public int Held { get; init; } = 200;

    /// <summary>Sequences of each step of gradient descent, drawn anew, half of them of one length and half of another, at least 1. Default 16.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>Seed of everything random.</summary>
    public int Seed { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        if (Held < 1 || Batch < 1)
            throw new ArgumentException($"Held samples ({Held}) and samples of a step ({Batch}) should be at least 1.");
    }
}

/// <summary>How edges are removed one by one.</summary>
public sealed record GreedySettings
{
    /// <summary>Least match accuracy, above 0 and at most 1. Default 0.99.</summary>
    public double Goal { get; init; } = .99;

    /// <summary>Passes over all edges at most, with constants as they are and again with constants fitted anew; one without a removal ends them. Default 4.</summary>
    public int Passes { get; init; } = 4;

    /// <summary>Steps of gradient descent on constants before a removal is given up; 0 leaves them as they are. Default 60.</summary>
    public int RefitSteps { get; init; } = 60;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        if (!(Goal > 0 && Goal <= 1))
            throw new ArgumentException($"The match accuracy to keep should lie above 0 and be at most 1, but is {Goal}.");
        if (Passes < 1 || RefitSteps < 0)
            throw new ArgumentException($"Passes ({Passes}) should be at least 1, steps of a refit ({RefitSteps}) zero or more.");
    }
}

/// <summary>How gates are learned.</summary>
public sealed record LearnedSettings
{
    /// <summary>Price of an edge in the first round, nats per position. Default 0.003.</summary>
    public double FirstPrice { get; init; } = .003;

    /// <summary>Factor of the price from round to round, above 1. Default 3.</summary>
    public double PriceFactor { get; init; } = 3;

    /// <summary>Rounds at most. Default 6.</summary>
    public int Rounds { get; init; } = 6;

    /// <summary>Rounds without success in a row that end the search. Default 2.</summary>
    public int Patience { get; init; } = 2;

    /// <summary>Steps of each round. Default 100.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>Steps on the constants alone after each round, with the gates as they came out. Default 60.</summary>
    public int RefitSteps { get; init; } = 60;

    /// <summary>Learning rate of the gates. Default 0.1.</summary>
    public double GateRate { get; init; } = .1;

    /// <summary>Logit that gates start at. Default 4.</summary>
    public double Start { get; init; } = 4;

    /// <summary>Removal of single edges afterwards.</summary>
    public GreedySettings Greedy { get; init; } = new();

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        Greedy.Validate();
        if (!(FirstPrice > 0 && PriceFactor > 1 && GateRate > 0))
            throw new ArgumentException($"The first price ({FirstPrice}) and the rate of gates ({GateRate}) should be above 0, the factor ({PriceFactor}) above 1.");
        if (Rounds < 1 || Patience < 1 || Steps < 1 || RefitSteps < 0)
            throw new ArgumentException($"Rounds ({Rounds}), patience ({Patience}) and steps ({Steps}) should be at least 1, steps of a refit ({RefitSteps}) zero or more.");
    }
}
