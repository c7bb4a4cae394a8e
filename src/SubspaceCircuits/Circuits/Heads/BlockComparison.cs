namespace SubspaceCircuits.Circuits.Heads;

/// <summary>The same block, or the whole map, of two heads.</summary>
/// <remarks>
/// Nulls are of blocks whose directions have nothing to do with each other, of any rank: with the subspaces of both sides rotated at random (Haar) the
/// cosine has mean 0 and variance <c>1/(d_left d_right)</c>; with those of the left side alone <c>‖T T'ᵀ‖²/(d_left ‖T‖²‖T'‖²)</c>, which is what heads with the same
/// write directions have to be measured by. Both follow from <c>E[U_ab U_cd] = δ_ac δ_bd / d</c>.
/// </remarks>
/// <param name="Left">Subspace that is read, or the query; null for the whole map.</param>
/// <param name="Right">Subspace that is written, or the key; null for the whole map.</param>
/// <param name="FirstEnergy">‖T‖².</param>
/// <param name="SecondEnergy">‖T'‖².</param>
/// <param name="Inner">⟨T, T'⟩.</param>
/// <param name="NullDeviation">Standard deviation of the cosine with both sides rotated.</param>
/// <param name="LeftNullDeviation">Standard deviation of the cosine with the left side rotated; 0 where a block is zero.</param>
public sealed record BlockComparison(string? Left, string? Right, double FirstEnergy, double SecondEnergy, double Inner, double NullDeviation, double LeftNullDeviation)
{
    /// <summary>ρ = ⟨T, T'⟩/‖T‖‖T'‖; 0 where a block is zero.</summary>
    public double Cosine => Inner == 0 ? 0 : Inner / Math.Sqrt(FirstEnergy * SecondEnergy);

    /// <summary>Cosine in standard deviations, both sides rotated.</summary>
    public double Z => Cosine / NullDeviation;

    /// <summary>Cosine in standard deviations, left side rotated; 0 where a block is zero.</summary>
    public double LeftZ => LeftNullDeviation > 0 ? Cosine / LeftNullDeviation : 0;

    /// <summary>‖T‖² + ‖T'‖².</summary>
    public double Energy => FirstEnergy + SecondEnergy;

    /// <summary>‖T + T'‖²/(‖T‖² + ‖T'‖²): 0 where they cancel, 1 where they have nothing in common, 2 where they are the same; 1 where both are zero.</summary>
    public double Cancellation => Energy > 0 ? 1 + (2 * Inner / Energy) : 1;

    /// <summary>‖T − T'‖²/(‖T‖² + ‖T'‖²): 0 where they are the same, also where both are zero.</summary>
    public double Distance => Energy > 0 ? 1 - (2 * Inner / Energy) : 0;

    /// <summary>Smaller norm over greater; 1 where both are zero.</summary>
    public double NormRatio => Energy > 0 ? Math.Sqrt(Math.Min(FirstEnergy, SecondEnergy) / Math.Max(FirstEnergy, SecondEnergy)) : 1;

    /// <summary>Compares one block.</summary>
    internal static BlockComparison Of(HeadProducts products, int first, int second, int left, int right, Func<int, string> leftId, Func<int, string> rightId)
    {
        var (one, other) = (products.Inner[first, first, left, right], products.Inner[second, second, left, right]);
        var (dLeft, dRight) = ((double)products.LeftSizes[left], (double)products.RightSizes[right]);
        return new BlockComparison(leftId(left), rightId(right), one, other, products.Inner[first, second, left, right], 1 / Math.Sqrt(dLeft * dRight),
            one * other > 0 ? Math.Sqrt(Math.Max(0, products.Cross[first, second, left, right]) / (dLeft * one * other)) : 0);
    }

    /// <summary>Compares whole maps, from products with a single subspace on each side.</summary>
    internal static BlockComparison Whole(HeadProducts whole, int first, int second) => Of(whole, first, second, 0, 0, _ => "", _ => "") with { Left = null, Right = null };
}
