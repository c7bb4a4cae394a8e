namespace SubspaceCircuits.Subspaces;

/// <summary>How much of each subspace's variance a known variable explains: what a subspace is about.</summary>
public static class ExplainedVariance
{
    /// <summary>
    /// The correlation ratio <c>η² = Σ_g n_g ‖mean_g − mean‖² / Σ_i ‖x_i − mean‖²</c> of every subspace over the groups of a variable,
    /// corrected for chance (Kelley's ε²: <c>1 − (1 − η²)(n − 1)/(n − G)</c>, floored at 0).
    /// </summary>
    /// <param name="activations">[row, d_model]</param>
    /// <param name="values">The variable's value for every row; rows with -1 are left out.</param>
    /// <param name="partition">The subspaces.</param>
    /// <returns>One share for each subspace, 0 to 1; 0 where the variable has one value or the subspace no variance.</returns>
    public static double[] Shares(Tensor activations, long[] values, Partition partition)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var used = Enumerable.Range(0, values.Length).Where(row => values[row] >= 0).Select(row => (long)row).ToArray();
        if (used.Length < 2)
            return new double[partition.Count];

        var rotated = activations.index_select(0, tensor(used)).to(float64).matmul(partition.R.to(float64));     // [row, d_model]
        var groups = tensor([.. used.Select(row => values[row])]);
        var (_, inverse, counts) = groups.unique(return_inverse: true, return_counts: true);
        var centred = rotated - rotated.mean([0], keepdim: true);
        var sums = zeros(counts!.shape[0], rotated.shape[1], dtype: float64).index_add(0, inverse!, centred, 1); // [group, d_model]
        var between = (sums.square() / counts.unsqueeze(-1)).sum(dim: 0);                                       // [d_model]
        var total = centred.square().sum(dim: 0);

        double n = used.Length, g = counts.shape[0];
        double[] Parts(Tensor perDimension) => [.. perDimension.split([.. partition.Sizes.Select(size => (long)size)], dim: 0).Select(part => part.sum().item<double>())];
        return [.. Parts(between).Zip(Parts(total), (b, t) => t <= 0 || n <= g ? 0 : Math.Max(0, 1 - (1 - b / t) * (n - 1) / (n - g)))];
    }
}
