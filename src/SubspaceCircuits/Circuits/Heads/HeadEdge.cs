namespace SubspaceCircuits.Circuits.Heads;

/// <summary>What all heads of a layer move together from one subspace into another.</summary>
/// <param name="Read">Id of the subspace that is read.</param>
/// <param name="Write">Id of the subspace that is written.</param>
/// <param name="Energies">e = ‖T_jk‖² of each head.</param>
/// <param name="EffectiveHeads">(Σe)²/Σe²: how many heads share the edge; 0 where none has it.</param>
/// <param name="Cancellation">‖ΣT‖²/Σ‖T‖²: below 1 heads oppose each other, above 1 they add to each other; 1 where none has it.</param>
/// <param name="CancellationDeviation">Standard deviation of it around 1 for heads whose directions have nothing to do with each other, <c>√(2(1 − 1/EffectiveHeads)/(d_j d_k))</c>.</param>
/// <param name="EffectiveRank">Of the blocks stacked along the read side, <c>(Σσ²)²/Σσ⁴</c> over their singular values: how many directions are written.</param>
/// <param name="EffectiveMaps">(tr G)²/‖G‖² with <c>G_hh' = ⟨T_h, T_h'⟩</c>: how many different maps there are, at most as many as heads.</param>
public sealed record HeadEdge(string Read, string Write, IReadOnlyList<double> Energies, double EffectiveHeads, double Cancellation, double CancellationDeviation, double EffectiveRank, double EffectiveMaps)
{
    /// <summary>Energy of all heads.</summary>
    public double Energy => Energies.Sum();

    /// <summary>Of one edge.</summary>
    internal static HeadEdge Of(HeadProducts products, int read, int write, Func<int, string> readId, Func<int, string> writeId)
    {
        int[] heads = [.. Enumerable.Range(0, products.Heads)];
        double Sum(Func<int, int, double> term) => heads.Sum(one => heads.Sum(other => term(one, other)));
        double[] energies = [.. heads.Select(head => Math.Max(0, products.Inner[head, head, read, write]))];
        var (total, squares) = (energies.Sum(), energies.Sum(energy => energy * energy));
        double Effective(double sum) => sum > 0 ? total * total / sum : 0;
        var effective = Effective(squares);
        return new HeadEdge(readId(read), writeId(write), energies, effective,
            total > 0 ? Sum((one, other) => products.Inner[one, other, read, write]) / total : 1,
            effective > 0 ? Math.Sqrt(2 * Math.Max(0, 1 - (1 / effective)) / ((double)products.LeftSizes[read] * products.RightSizes[write])) : 0,
            Effective(Sum((one, other) => products.Cross[one, other, read, write])),
            Effective(Sum((one, other) => products.Inner[one, other, read, write] * products.Inner[one, other, read, write])));
    }
}
