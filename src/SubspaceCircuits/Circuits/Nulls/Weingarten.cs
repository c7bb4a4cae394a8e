namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>
/// Moments of the entries of a Haar matrix (Collins and Śniady 2006): <c>E ∏_r U(a_r, b_r) = Σ_pq Wg(p, q) δ_p(a) δ_q(b)</c> over pairings p, q of the factors, where
/// δ_p(a) is 1 when paired indices are equal. Wg is the inverse of the matrix of <c>d^loops(p, q)</c>, loops being the cycles of p and q together.
/// </summary>
internal sealed class Weingarten
{
    private readonly double[] _values;
    private readonly PairingTable _table;

    /// <summary>For products of as many entries as the pairings have points.</summary>
    /// <param name="table">The pairings.</param>
    /// <param name="d">Size of U.</param>
    public Weingarten(PairingTable table, int d)
    {
        // Wg(p, q) depends on the cycle type of (p, q) only, so one equation for each type has it: Σ_q d^loops(r, q) Wg(q, 0) = [r = 0].
        _table = table;
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var types = table.Representatives.Count;
        var system = new double[types * types];
        for (var row = 0; row < types; row++)
        {
            for (var q = 0; q < table.Count; q++)
                system[row * types + table.Type[q, 0]] += Math.Pow(d, table.Loops[table.Representatives[row], q] - table.Points / 2); // scaled by d^-(points/2)
        }

        var identity = table.Representatives.Select(pairing => pairing == 0 ? Math.Pow(d, -table.Points / 2) : 0).ToArray();
        _values = [.. linalg.pinv(tensor(system, [types, types])).matmul(tensor(identity)).data<double>()]; // the pseudo-inverse is right where d is less than points/2, too
    }

    /// <summary><c>Σ_q Wg(p, q) y_q</c> for every p.</summary>
    public double[] Apply(double[] y)
    {
        var result = new double[_table.Count];
        for (var p = 0; p < result.Length; p++)
        {
            for (var q = 0; q < result.Length; q++)
                result[p] += _values[_table.Type[p, q]] * y[q];
        }

        return result;
    }
}
