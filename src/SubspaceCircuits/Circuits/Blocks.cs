using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits;

/// <summary>
/// Size of every block of a map between two partitions: its energy, which needs the weights only, and the variance it carries for
/// activations with the covariance of the read site.
/// </summary>
/// <param name="Energy">‖T_jk‖²; of an MLP that of the ways through its neurons. [subspace_read, subspace_write]</param>
/// <param name="Variance">tr(T_jkᵀ Σ_j T_jk). [subspace_read, subspace_write]</param>
public sealed record Blocks(double[,] Energy, double[,] Variance)
{
    /// <summary>Blocks of a map that is given in the bases of both partitions.</summary>
    /// <param name="map">T, rows grouped by the read subspaces, columns by the write subspaces. [d_model_read, d_model_write]</param>
    /// <param name="read">Partition of the rows; its covariance is used.</param>
    /// <param name="write">Partition of the columns.</param>
    public static Blocks Of(Tensor map, Partition read, Partition write)
    {
        using var scope = NewDisposeScope();
        return Of(map, WithinSubspaces(read), read, write);
    }

    /// <summary>The same with the covariance from <see cref="WithinSubspaces"/>.</summary>
    internal static Blocks Of(Tensor map, Tensor covariance, Partition read, Partition write)
    {
        using var scope = NewDisposeScope();
        var t = map.to(float64);
        return new Blocks(
            Partition.BlockSums(t.square(), read, write),
            Partition.BlockSums(t * Weighted(covariance, t, read), read, write));     // Σ_ab T_ac Σ_ab T_bc over a, b in the same subspace
    }

    /// <summary>The covariance of a site in its own basis, without what is between subspaces.</summary>
    /// <returns>[d_model, d_model], float64</returns>
    internal static Tensor WithinSubspaces(Partition site)
    {
        using var scope = NewDisposeScope();
        var r = site.R.to(float64);
        long[] sizes = [.. site.Sizes.Select(size => (long)size)];
        var images = site.Covariance.to(float64).matmul(r);                           // [d_model, d_model], Σ R
        return block_diag([.. r.split(sizes, dim: 1).Zip(images.split(sizes, dim: 1), (basis, image) => basis.T.matmul(image))]).MoveToOuterDisposeScope();
    }

    /// <summary><c>M A</c> for a metric that is block diagonal: each block meets its own rows only.</summary>
    /// <param name="metric">M. [d_model, d_model]</param>
    /// <param name="rows">A, rows grouped by subspace. [d_model, any]</param>
    /// <param name="site">The subspaces.</param>
    /// <returns>[d_model, any]</returns>
    internal static Tensor Weighted(Tensor metric, Tensor rows, Partition site)
    {
        using var scope = NewDisposeScope();
        List<Tensor> parts = [];
        var start = 0L;
        foreach (var size in site.Sizes)
        {
            parts.Add(metric.narrow(0, start, size).narrow(1, start, size).matmul(rows.narrow(0, start, size)));
            start += size;
        }

        return cat(parts, dim: 0).MoveToOuterDisposeScope();
    }

    /// <summary>Of every subspace the Gram matrix of its rows, <c>A_iᵀ M_i A_i</c>.</summary>
    /// <param name="rows">A, rows grouped by subspace. [d_model, d_head]</param>
    /// <param name="metric">M, block diagonal, or null for the identity. [d_model, d_model]</param>
    /// <param name="site">The subspaces.</param>
    /// <returns>[unit, d_head, d_head]</returns>
    internal static Tensor Grams(Tensor rows, Tensor? metric, Partition site)
    {
        using var scope = NewDisposeScope();
        long[] sizes = [.. site.Sizes.Select(size => (long)size)];
        var weighted = metric is null ? rows : Weighted(metric, rows, site);
        return stack([.. rows.split(sizes, dim: 0).Zip(weighted.split(sizes, dim: 0), (a, b) => a.T.matmul(b))], dim: 0).MoveToOuterDisposeScope();
    }

    /// <summary><c>⟨G_i, H_j⟩</c> of all pairs: with Grams of the two factors this is <c>‖A_i B_jᵀ‖²</c>, and nothing of size d_model × d_model is built.</summary>
    /// <param name="left">[unit_left, d_head, d_head]</param>
    /// <param name="right">[unit_right, d_head, d_head]</param>
    /// <returns>[unit_left, unit_right]</returns>
    internal static double[,] InnerProducts(Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        return ToArray(einsum("iab,jab->ij", left, right));
    }

    /// <summary>
    /// The same product <c>A Bᵀ</c> with A's columns orthonormal. In energies of its blocks rounding is then relative to the product, not to the factors, which
    /// may be large against each other where their product is zero.
    /// </summary>
    /// <param name="left">A. [d_model, d_head]</param>
    /// <param name="right">B. [d_model, d_head]</param>
    /// <returns>Both in the caller's dispose scope. [d_model, d_head]</returns>
    internal static (Tensor Left, Tensor Right) Orthonormal(Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        var (basis, triangle) = linalg.qr(left);
        return (basis.MoveToOuterDisposeScope(), right.matmul(triangle.T).MoveToOuterDisposeScope());
    }

    /// <summary>Sums over the dimensions of every subspace.</summary>
    /// <param name="values">In the basis of the site along one dimension.</param>
    /// <param name="dimension">Which.</param>
    /// <param name="site">The subspaces.</param>
    /// <returns>As the values, with a subspace in the place of its dimensions; in the caller's dispose scope.</returns>
    internal static Tensor SumsOf(Tensor values, long dimension, Partition site) =>
        cat([.. values.split([.. site.Sizes.Select(size => (long)size)], dim: dimension).Select(part => part.sum(dim: dimension, keepdim: true))], dim: dimension);

    internal static double[,] ToArray(Tensor matrix)
    {
        var flat = matrix.contiguous().cpu().data<double>().ToArray();
        var result = new double[matrix.shape[0], matrix.shape[1]];
        Buffer.BlockCopy(flat, 0, result, 0, flat.Length * sizeof(double));
        return result;
    }
}
