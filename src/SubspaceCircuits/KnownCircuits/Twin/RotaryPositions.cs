namespace SubspaceCircuits.KnownCircuits.Twin;

/// <summary>
/// Codes of positions on seven circles, <c>p_i = (cos ω_k i, sin ω_k i)_k / √7</c> with <c>ω_k = 2πk / 66</c>. Turning the circles back by one position is linear, so a
/// head with two channels for each frequency can look at the position before its own: <c>p_(i−1) · p_j = Σ_k cos ω_k(i − 1 − j) / 7</c>.
/// </summary>
internal static class RotaryPositions
{
    private const int Period = 66;

    /// <summary>
    /// The frequencies k of either previous-token head. Of all that a causal query can see, the previous position leads by 2.84 of 4 in the sum of
    /// the first four cosines (an exhaustive search) and by 1.63 of 3 in that of the others.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<int>> Frequencies { get; } = [[2, 8, 12, 30], [4, 6, 26]];

    /// <summary>ω of all frequencies, in the order of the code.</summary>
    public static IReadOnlyList<double> Angles { get; } = [.. Frequencies.SelectMany(frequencies => frequencies).Select(frequency => 2 * Math.PI * frequency / Period)];

    /// <summary>Code of a position, of length 1; position −1 is BOS.</summary>
    public static double[] Code(int position) => [.. Angles.SelectMany(angle => (double[])[Math.Cos(angle * position), Math.Sin(angle * position)]).Select(value => value / Math.Sqrt(Angles.Count))];

    /// <summary>Codes of the first positions.</summary>
    /// <returns>[pos, 14]</returns>
    public static Tensor Codes(int count) => tensor([.. Enumerable.Range(0, count).SelectMany(Code)], [count, 2 * Angles.Count], dtype: float64);
}
