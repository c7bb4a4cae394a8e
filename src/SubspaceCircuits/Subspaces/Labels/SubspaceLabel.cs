namespace SubspaceCircuits.Subspaces.Labels;

/// <summary>What can be read of a variable from a subspace.</summary>
/// <param name="Variable">Its name.</param>
/// <param name="Accuracy">Share of rows whose nearest other row, in the subspace, has their value (<see cref="NeighborDecoding"/>).</param>
/// <param name="Chance">Share of pairs of rows that have the same value.</param>
/// <param name="Null">Decoding from random subspaces of the same size: its mean.</param>
/// <param name="NullDeviation">Its standard deviation.</param>
/// <param name="Selectivity">Decoding less the best of the other variables.</param>
/// <param name="NullSelectivity">Selectivity of random subspaces: its mean.</param>
/// <param name="NullSelectivityDeviation">Its standard deviation.</param>
/// <param name="Captured">Share of the variance that the variable alone contributes that lies in the subspace (<see cref="AdditiveVariance"/>).</param>
public sealed record VariableDecoding(string Variable, double Accuracy, double Chance, double Null, double NullDeviation, double Selectivity, double NullSelectivity, double NullSelectivityDeviation, double Captured)
{
    /// <summary><c>(accuracy − chance)/(1 − chance)</c>: 0 chance, 1 all; 0 where the variable has one value only.</summary>
    public double Decoding => Kappa(Accuracy, Chance);

    /// <summary>Selectivity above that of random subspaces.</summary>
    public double Excess => Selectivity - NullSelectivity;

    internal static double Kappa(double accuracy, double chance) => chance < 1 && !double.IsNaN(accuracy) ? (accuracy - chance) / (1 - chance) : 0;
}

/// <summary>A subspace of a site and what it holds.</summary>
/// <remarks>
/// A large random subspace holds nearly all there is of every variable: what tells a subspace of a variable from it is not how well this is read, but that others
/// are not. Variables that are functions of each other (a token that the position decides) are read together, and neither is selective.
/// </remarks>
/// <param name="Subspace">Its number at the site.</param>
/// <param name="Size">Its dimensions.</param>
/// <param name="VarianceShare">Share of the variance of the activations.</param>
/// <param name="Label">The variable that is read best, which alone is selective; null where it does not pass the thresholds.</param>
/// <param name="Variables">All variables, that which is read best first.</param>
public sealed record SubspaceLabel(int Subspace, int Size, double VarianceShare, string? Label, IReadOnlyList<VariableDecoding> Variables)
{
    /// <summary>Labels all subspaces of a partition.</summary>
    /// <param name="partition">The subspaces.</param>
    /// <param name="activations">Activations of the site. [row, d_model]</param>
    /// <param name="variables">Of each variable the value in every row; −1 where it has none.</param>
    /// <param name="settings">Controls and thresholds; null for the defaults.</param>
    /// <exception cref="ArgumentException">There is no variable, or a variable has not as many values as there are rows.</exception>
    public static IReadOnlyList<SubspaceLabel> Of(Partition partition, Tensor activations, IReadOnlyDictionary<string, long[]> variables, SubspaceLabelSettings? settings = null)
    {
        settings ??= new SubspaceLabelSettings();
        settings.Validate();
        if (variables.Count == 0)
            throw new ArgumentException("There should be at least one variable to label subspaces by, but there is none.");
        if (variables.FirstOrDefault(pair => pair.Value.Length != activations.shape[0]) is { Key: not null } wrong)
            throw new ArgumentException($"There should be a value of {wrong.Key} for each of {activations.shape[0]} rows, but there are {wrong.Value.Length}.");
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator(settings.Seed);
        var count = (int)Math.Min(settings.Rows, activations.shape[0]);
        var rows = activations.narrow(0, 0, count).to(float32);
        var used = variables.ToDictionary(pair => pair.Key, pair => pair.Value[..count]);
        var chances = used.ToDictionary(pair => pair.Key, pair => Chance(pair.Value));
        using var additive = new AdditiveVariance(rows, used);
        var variance = Variance(rows);

        Reading Read(Tensor basis)
        {
            using var step = NewDisposeScope();
            var coordinates = rows.matmul(basis.to(float32));
            return new Reading(used.ToDictionary(pair => pair.Key, pair => NeighborDecoding.Accuracy(coordinates, pair.Value)), chances);
        }

        var controls = partition.Sizes.Distinct().ToDictionary(size => size, size => Enumerable.Range(0, settings.Controls).Select(_ =>
        {
            using var step = NewDisposeScope();
            return Read(Rotation.Orthogonalize(randn(partition.R.shape[0], size, dtype: float64, generator: generator)));
        }).ToArray());

        SubspaceLabel Label(int unit)
        {
            var (own, random) = (Read(partition.Basis(unit)), controls[partition.Sizes[unit]]);
            VariableDecoding Of(string variable)
            {
                var (mean, deviation) = Moments(random.Select(reading => reading.Decoding(variable)));
                var (selectivity, selectivityDeviation) = Moments(random.Select(reading => reading.Selectivity(variable)));
                return new VariableDecoding(variable, own.Accuracies[variable], chances[variable], mean, deviation, own.Selectivity(variable), selectivity, selectivityDeviation,
                    additive.Captured(variable, partition.Basis(unit)));
            }

            VariableDecoding[] found = [.. used.Keys.Select(Of).OrderByDescending(variable => variable.Decoding)];
            var (best, share) = (found[0], variance > 0 ? Variance(rows.matmul(partition.Basis(unit).to(float32))) / variance : 0);
            var isLabel = share >= settings.VarianceShare && best.Decoding >= settings.Decoding && best.Selectivity >= settings.Selectivity
                && best.Excess >= Math.Max(settings.Excess, settings.Deviations * best.NullSelectivityDeviation);
            return new SubspaceLabel(unit, partition.Sizes[unit], share, isLabel ? best.Variable : null, found);
        }

        return [.. Enumerable.Range(0, partition.Count).Select(Label)];
    }

    /// <summary>How well every variable is read from some subspace.</summary>
    private sealed record Reading(IReadOnlyDictionary<string, double> Accuracies, IReadOnlyDictionary<string, double> Chances)
    {
        public double Decoding(string variable) => VariableDecoding.Kappa(Accuracies[variable], Chances[variable]);

        public double Selectivity(string variable) => Decoding(variable) - Accuracies.Keys.Where(other => other != variable).Select(Decoding).DefaultIfEmpty(0).Max();
    }

    private static double Chance(long[] values)
    {
        double rows = values.Count(value => value >= 0);
        return rows < 2 ? 1 : values.Where(value => value >= 0).GroupBy(value => value).Sum(group => (double)group.Count() * (group.Count() - 1)) / (rows * (rows - 1));
    }

    private static double Variance(Tensor rows)
    {
        using var scope = NewDisposeScope();
        return (rows - rows.mean([0])).square().mean([0]).sum().to(float64).item<double>();
    }

    private static (double Mean, double Deviation) Moments(IEnumerable<double> values)
    {
        double[] all = [.. values];
        var mean = all.Average();
        return (mean, Math.Sqrt(all.Sum(value => (value - mean) * (value - mean)) / (all.Length - 1)));
    }
}
