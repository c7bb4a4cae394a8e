using SubspaceCircuits.Models;

namespace SubspaceCircuits.Subspaces;

/// <summary>
/// An orthogonal rotation of the activations at a site and the cut of its columns into subspaces, with the first two moments
/// of the activations it was found on. Owns its tensors and disposes them.
/// </summary>
public sealed class Partition : IDisposable
{
    /// <summary>How far <c>RᵀR</c> may be from the identity; published rotations reach 1.3e-4 on the diagonal.</summary>
    public const double OrthogonalityTolerance = 5e-4;

    /// <summary>Takes ownership of the tensors: they leave the caller's dispose scope.</summary>
    /// <param name="site">Where the activations were taken, or null when that is not known.</param>
    /// <param name="rotation">R; rows are coordinates of the stream, columns the basis, grouped by subspace. [d_model, d_model]</param>
    /// <param name="sizes">Columns of each subspace, in order; they add up to d_model.</param>
    /// <param name="mean">Mean of the activations. [d_model]</param>
    /// <param name="covariance">Covariance of the activations. [d_model, d_model]</param>
    /// <exception cref="ArgumentException">Sizes, shapes or orthogonality are wrong.</exception>
    public Partition(Site? site, Tensor rotation, IReadOnlyList<int> sizes, Tensor mean, Tensor covariance)
    {
        var d = rotation.shape[0];
        RequireCover(sizes, d);
        if (rotation.dim() != 2 || rotation.shape[1] != d)
            throw new ArgumentException($"A rotation should be square, but has shape [{string.Join(", ", rotation.shape)}].");
        if (mean.dim() != 1 || mean.shape[0] != d || covariance.dim() != 2 || covariance.shape[0] != d || covariance.shape[1] != d)
            throw new ArgumentException($"Mean and covariance should have shapes [{d}] and [{d}, {d}], but have [{string.Join(", ", mean.shape)}] and [{string.Join(", ", covariance.shape)}].");
        var error = Rotation.OrthogonalityError(rotation);
        if (!(error <= OrthogonalityTolerance))
            throw new ArgumentException($"The rotation is not orthogonal: RᵀR differs from the identity by up to {error:g3}; at most {OrthogonalityTolerance:g3} is accepted.");

        (Site, Sizes) = (site, [.. sizes]);
        R = rotation.DetachFromDisposeScope();
        Mean = mean.DetachFromDisposeScope();
        Covariance = covariance.DetachFromDisposeScope();
    }

    /// <summary>Where the activations were taken, or null when that is not known.</summary>
    public Site? Site { get; }

    /// <summary>Columns of each subspace.</summary>
    public IReadOnlyList<int> Sizes { get; }

    /// <summary>R; columns are the basis, grouped by subspace. [d_model, d_model]</summary>
    public Tensor R { get; }

    /// <summary>Mean of the activations. [d_model]</summary>
    public Tensor Mean { get; }

    /// <summary>Covariance of the activations. [d_model, d_model]</summary>
    public Tensor Covariance { get; }

    /// <summary>Number of subspaces.</summary>
    public int Count => Sizes.Count;

    /// <summary>Basis of one subspace. [d_model, d_unit]</summary>
    public Tensor Basis(int subspace) => R.narrow(1, Sizes.Take(subspace).Sum(), Sizes[subspace]);

    /// <summary>Total variance of the activations in every subspace, <c>tr(R_sᵀ Σ R_s)</c>. They add up to the total variance.</summary>
    public double[] Variances()
    {
        using var scope = NewDisposeScope();
        var diagonal = R.T.matmul(Covariance).matmul(R).diagonal().to(float64); // [d_model]
        return [.. diagonal.split([.. Sizes.Select(size => (long)size)], dim: 0).Select(part => part.sum().item<double>())];
    }

    /// <summary>
    /// A matrix that is 1 where row subspace and column subspace satisfy a condition: how a choice of subspace pairs becomes a
    /// mask on a map between two rotated sites.
    /// </summary>
    /// <param name="read">Partition of the rows.</param>
    /// <param name="write">Partition of the columns.</param>
    /// <param name="isKept">Condition on (row subspace, column subspace).</param>
    /// <returns>[d_model_read, d_model_write]</returns>
    public static Tensor BlockMask(Partition read, Partition write, Func<int, int, bool> isKept)
    {
        using var scope = NewDisposeScope();
        var kept = tensor([.. from i in Enumerable.Range(0, read.Count) from k in Enumerable.Range(0, write.Count) select isKept(i, k) ? 1f : 0f], [read.Count, write.Count], device: read.R.device);
        return kept.index_select(0, read.Owners()).index_select(1, write.Owners()).to(read.R.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>1 for the columns of the subspaces that satisfy a condition, else 0.</summary>
    /// <returns>[d_model]</returns>
    public static Tensor ColumnMask(Partition partition, Func<int, bool> isKept)
    {
        using var scope = NewDisposeScope();
        var kept = tensor([.. Enumerable.Range(0, partition.Count).Select(unit => isKept(unit) ? 1f : 0f)], device: partition.R.device);
        return kept.index_select(0, partition.Owners()).to(partition.R.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>Sums a matrix over the blocks of two partitions.</summary>
    /// <param name="matrix">[d_model_read, d_model_write], in rotated coordinates.</param>
    /// <param name="read">Partition of the rows.</param>
    /// <param name="write">Partition of the columns.</param>
    /// <returns>[subspace_read, subspace_write]</returns>
    public static double[,] BlockSums(Tensor matrix, Partition read, Partition write)
    {
        using var scope = NewDisposeScope();
        var rows = zeros(read.Count, matrix.shape[1], dtype: float64, device: matrix.device).index_add(0, read.Owners(), matrix.to(float64), 1);
        var sums = zeros(read.Count, write.Count, dtype: float64, device: matrix.device).index_add(1, write.Owners(), rows, 1).cpu();
        var result = new double[read.Count, write.Count];
        for (var i = 0; i < read.Count; i++)
        {
            for (var k = 0; k < write.Count; k++)
                result[i, k] = sums[i, k].item<double>();
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        R.Dispose();
        Mean.Dispose();
        Covariance.Dispose();
    }

    internal static void RequireCover(IReadOnlyList<int> sizes, long dModel)
    {
        if (sizes.Count == 0 || sizes.Any(size => size < 1))
            throw new ArgumentException($"Every subspace should have at least one dimension, but the sizes are {string.Join(", ", sizes)}.");
        if (sizes.Sum() != dModel)
            throw new ArgumentException($"The partition covers {sizes.Sum()} dimensions but d_model is {dModel}. The sizes should add up to it.");
    }

    /// <summary>The subspace that each column belongs to. [d_model], int64</summary>
    private Tensor Owners() => tensor([.. Sizes.SelectMany((size, subspace) => Enumerable.Repeat((long)subspace, size))], device: R.device);
}
