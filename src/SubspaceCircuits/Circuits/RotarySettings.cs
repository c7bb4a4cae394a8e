namespace SubspaceCircuits.Circuits;

/// <summary>Which coordinates of a head rotary positions turn together.</summary>
public enum RotaryPairs
{
    /// <summary>2k with 2k + 1 (RoFormer, GPT-J).</summary>
    Adjacent,

    /// <summary>k with k + half of the rotary dimensions (GPT-NeoX, Llama).</summary>
    HalfSplit,
}

/// <summary>How positions turn queries and keys: pair k of coordinates by the angle <c>position · Base^(−2k/Dimensions)</c>, where <c>(x, y)</c> becomes
/// <c>(x cos − y sin, y cos + x sin)</c>.</summary>
/// <param name="Dimensions">How many coordinates of a head turn, its first; even.</param>
/// <param name="Pairs">Which turn together.</param>
/// <param name="Base">θ, above 1.</param>
public sealed record RotarySettings(int Dimensions, RotaryPairs Pairs, double Base = 10_000)
{
    /// <summary><c>Rot(Δ)</c>: a query at Δ and a key at 0 have the score <c>q Rot(Δ) kᵀ</c>, as have all at this distance.</summary>
    /// <param name="distance">Δ.</param>
    /// <param name="dHead">Coordinates of the head.</param>
    /// <returns>[d_head, d_head], float64</returns>
    public Tensor Turn(int distance, int dHead)
    {
        var turn = new double[dHead * dHead];
        for (var at = Dimensions; at < dHead; at++)
            turn[at * dHead + at] = 1;
        for (var k = 0; k < Dimensions / 2; k++)
        {
            var (x, y) = Pairs is RotaryPairs.Adjacent ? (2 * k, 2 * k + 1) : (k, k + Dimensions / 2);
            var (sin, cos) = Math.SinCos(distance * Math.Pow(Base, -2.0 * k / Dimensions));
            (turn[x * dHead + x], turn[x * dHead + y], turn[y * dHead + x], turn[y * dHead + y]) = (cos, sin, -sin, cos);
        }

        return tensor(turn, [dHead, dHead]);
    }
}
