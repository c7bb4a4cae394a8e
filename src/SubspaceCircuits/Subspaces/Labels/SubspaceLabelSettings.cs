namespace SubspaceCircuits.Subspaces.Labels;

/// <summary>How subspaces are labelled.</summary>
public sealed record SubspaceLabelSettings
{
    /// <summary>Random subspaces of every size, at least 2. Default 10.</summary>
    public int Controls { get; init; } = 10;

    /// <summary>Rows that are used at most, from the first on, at least 2. Default 4,000.</summary>
    public int Rows { get; init; } = 4000;

    /// <summary>Least decoding of a label, 0 chance and 1 all. Default 0.5.</summary>
    public double Decoding { get; init; } = .5;

    /// <summary>Least selectivity of a label: how much better it is read than every other variable. Default 0.1.</summary>
    public double Selectivity { get; init; } = .1;

    /// <summary>Least selectivity above the mean of random subspaces. Default 0.1.</summary>
    public double Excess { get; init; } = .1;

    /// <summary>Standard deviations of random subspaces by which selectivity has to be above their mean. Default 3.</summary>
    public double Deviations { get; init; } = 3;

    /// <summary>Least share of a subspace in the variance of the activations: what is left of storage in half precision can be decoded, too. Default 1e-5.</summary>
    public double VarianceShare { get; init; } = 1e-5;

    /// <summary>Seed of the random subspaces.</summary>
    public ulong Seed { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        if (Controls < 2 || Rows < 2)
            throw new ArgumentException($"There should be 2 random subspaces or more and 2 rows or more, but there are {Controls} and {Rows}.");
    }
}
