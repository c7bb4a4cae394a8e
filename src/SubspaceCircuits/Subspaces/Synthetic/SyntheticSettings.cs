namespace SubspaceCircuits.Subspaces.Synthetic;

/// <summary>A group of directions that holds one categorical variable.</summary>
/// <param name="Dimensions">Directions, at least 1.</param>
/// <param name="Values">Values of the variable, at least 2; 0 makes the group Gaussian, without structure.</param>
public sealed record SyntheticGroup(int Dimensions, int Values)
{
    /// <summary>Factor of the group's activations. Default 1.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Exponent of the values' frequencies, <c>p_k ∝ k^−s</c>. Default 0: all as frequent.</summary>
    public double Zipf { get; init; }

    /// <summary>
    /// When set, values are unit features, more than dimensions where wanted (superposition): with this probability one of them is active, with a strength
    /// uniform in (0, 1); else none is. When not, every value has a Gaussian vector, and all together have mean 0 and variance 1.
    /// </summary>
    public double? Activity { get; init; }
}

/// <summary>With some probability a variable takes the value of another.</summary>
/// <param name="From">Group whose variable is copied, before <paramref name="To"/>.</param>
/// <param name="To">Group whose variable is overwritten.</param>
/// <param name="Probability">How often.</param>
public sealed record SyntheticDependence(int From, int To, double Probability);

/// <summary>Activations whose subspaces are known: groups in orthogonal subspaces, all turned by a hidden rotation, with noise.</summary>
public sealed record SyntheticSettings
{
    /// <summary>Groups, at least one.</summary>
    public required IReadOnlyList<SyntheticGroup> Groups { get; init; }

    /// <summary>Dependences between their variables. Default none.</summary>
    public IReadOnlyList<SyntheticDependence> Dependences { get; init; } = [];

    /// <summary>Further directions in which there is only noise. Default 0.</summary>
    public int Rest { get; init; }

    /// <summary>Standard deviation of Gaussian noise in every direction. Default 0.02.</summary>
    public double Noise { get; init; } = 0.02;

    /// <summary>Share of rows with a further isotropic disturbance of five times the root mean square of all values. Default 0.</summary>
    public double Outliers { get; init; }

    /// <summary>Rows, at least 1. Default 20,000.</summary>
    public int Rows { get; init; } = 20_000;

    /// <summary>Seed of everything random.</summary>
    public int Seed { get; init; }

    /// <summary>All directions.</summary>
    public int DModel => Groups.Sum(group => group.Dimensions) + Rest;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        if (Groups.Count == 0 || Groups.Any(group => group.Dimensions < 1 || group.Values is < 0 or 1) || Rows < 1 || Rest < 0 || !(Noise >= 0) || !(Outliers >= 0 && Outliers <= 1))
            throw new ArgumentException("Synthetic activations need groups of at least one direction and of no or at least two values, at least one row, noise that is not negative, and a share of outliers between 0 and 1.");
        foreach (var (from, to, probability) in Dependences)
        {
            if (from < 0 || to <= from || to >= Groups.Count || !(probability >= 0 && probability <= 1) || Groups[from].Values == 0 || Groups[to].Values == 0)
                throw new ArgumentException($"A dependence should lead from one categorical group to a later one with a probability, but one leads from {from} to {to} with {probability}.");
        }
    }
}
