namespace SubspaceCircuits.Circuits.Nulls;

/// <summary>
/// Exact mean and variance of energies under uniformly random (Haar) rotations. All follow from one fact: for <c>Z = U M Uᵀ</c> with M symmetric,
/// <c>E[Z_ab Z_cd] = α δ_ab δ_cd + β (δ_ac δ_bd + δ_ad δ_bc)</c> with <c>β = (tr M² − (tr M)²/d)/((d−1)(d+2))</c> and <c>α = ((tr M)² − 2βd)/d²</c>.
/// </summary>
public static class HaarNull
{
    /// <summary>
    /// <c>X = ‖A U B‖²</c>: <c>E X = tr M tr N/d</c>, <c>Var X = 2 (tr M² − (tr M)²/d)(tr N² − (tr N)²/d)/((d−1)(d+2))</c>. Two projectors (a passthrough block,
    /// a projection kernel) are a case of it.
    /// </summary>
    /// <param name="m">Of M = AᵀA.</param>
    /// <param name="n">Of N = BBᵀ.</param>
    /// <param name="d">Dimensions that U rotates.</param>
    public static NullMoments OneSided(GramMoments m, GramMoments n, int d) => new(m.Trace * n.Trace / d, 2 * Beta(m, d) * n.Traceless(d));

    /// <summary><c>X = ‖A U W V B‖²</c> with independent rotations at both ends of a map W, by conditioning on V.</summary>
    /// <param name="m">Of M = AᵀA; with a subspace of the read site, of its projector.</param>
    /// <param name="map">Of WᵀW (or WWᵀ, which has the same).</param>
    /// <param name="n">Of N = BBᵀ; with a subspace of the write site, of its projector.</param>
    /// <param name="dLeft">Dimensions that U rotates.</param>
    /// <param name="dRight">Dimensions that V rotates.</param>
    public static NullMoments TwoSided(GramMoments m, GramMoments map, GramMoments n, int dLeft, int dRight)
    {
        // Q = W V N Vᵀ Wᵀ. Given V, X is one-sided in M and Q; tr Q is one-sided in WᵀW and N.
        var trace = OneSided(map, n, dRight);
        var (alpha, beta) = (Alpha(n, dRight), Beta(n, dRight));
        var traceless = alpha * map.Traceless(dLeft) + beta * (map.Square * (1 - 2.0 / dLeft) + map.Trace * map.Trace); // E[tr Q² − (tr Q)²/d]
        var share = m.Trace / dLeft;
        return new NullMoments(share * trace.Mean, 2 * Beta(m, dLeft) * traceless + share * share * trace.Variance);
    }

    /// <summary>
    /// What is written into and read from one subspace, <c>X = ‖A B‖²</c>, when only the rotation inside the subspace is random: both sides keep how much they
    /// use it, and their directions in it meet by chance. Large where the directions match, not where both merely like the subspace.
    /// </summary>
    /// <param name="written">A, in the basis of the subspace. [any, d_unit]</param>
    /// <param name="read">B, in the basis of the subspace. [d_unit, any]</param>
    public static NullMoments Inside(Tensor written, Tensor read)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor a = written.to(float64), b = read.to(float64);
        return OneSided(GramMoments.Of(a.T.matmul(a)), GramMoments.Of(b.matmul(b.T)), (int)a.shape[1]);
    }

    /// <summary>
    /// Ways through neurons, <c>X = Σ_n ‖A U u_n‖² ‖v_n V B‖²</c>, with independent rotations at both ends that all neurons share.
    /// </summary>
    /// <param name="m">Of M = AᵀA.</param>
    /// <param name="ways">What the neurons' directions contribute.</param>
    /// <param name="n">Of N = BBᵀ.</param>
    /// <param name="dLeft">Dimensions that U rotates.</param>
    /// <param name="dRight">Dimensions that V rotates.</param>
    public static NullMoments Neurons(GramMoments m, NeuronWays ways, GramMoments n, int dLeft, int dRight)
    {
        // E[uᵀZu wᵀZw] = α|u|²|w|² + 2β(u·w)², at both ends, with α = (tr M/d)² − 2β/d.
        var (shareLeft, shareRight) = (m.Trace / dLeft, n.Trace / dRight);
        var (betaLeft, betaRight) = (Beta(m, dLeft), Beta(n, dRight));
        var all = ways.Total * ways.Total;
        return new NullMoments(
            shareLeft * shareRight * ways.Total,
            2 * betaRight * shareLeft * shareLeft * (ways.Writes - all / dRight)
            + 2 * betaLeft * shareRight * shareRight * (ways.Reads - all / dLeft)
            + 4 * betaLeft * betaRight * (ways.Both - ways.Writes / dLeft - ways.Reads / dRight + all / dLeft / dRight));
    }

    private static double Beta(GramMoments m, double d) => d > 1 ? m.Traceless(d) / ((d - 1) * (d + 2)) : 0;

    private static double Alpha(GramMoments m, double d) => (m.Trace * m.Trace - 2 * Beta(m, d) * d) / (d * d);
}
