namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>
/// How few pairs of subspaces hold the energy of a map. The energies of all blocks add up to the same in every partition; how they are spread is what a partition decides.
/// </summary>
/// <param name="Gini">0 where all are equal, <c>1 − 1/n</c> where one of n has all.</param>
/// <param name="EffectivePairs">Participation ratio <c>(Σe)²/Σe²</c>, from 1 to n.</param>
public sealed record Concentration(double Gini, double EffectivePairs)
{
    /// <summary>Of energies, zero or more each. Of nothing but zeros it is 0 and the number of pairs.</summary>
    public static Concentration Of(IEnumerable<double> energies)
    {
        double[] sorted = [.. energies.Order()];
        var total = sorted.Sum();
        if (!(total > 0))
            return new Concentration(0, sorted.Length);
        var weighted = sorted.Select((energy, rank) => (rank + 1) * energy).Sum();
        return new Concentration(2 * weighted / (sorted.Length * total) - (sorted.Length + 1.0) / sorted.Length, total * total / sorted.Sum(energy => energy * energy));
    }

    /// <summary>Of a table.</summary>
    /// <param name="energies">[subspace, subspace]</param>
    public static Concentration Of(double[,] energies) => Of(energies.Cast<double>());
}
