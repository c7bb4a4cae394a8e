using SubspaceCircuits.Backend;
using SubspaceCircuits.Backend.Vectors;
using SubspaceCircuits.Subspaces.Information;

namespace SubspaceCircuits.Subspaces;

/// <summary>
/// Mutual information between subspaces by nearest neighbours (Kraskov, Stögbauer and Grassberger 2004, algorithm 1, k = 1), as
/// the published method computes it: queries apart from keys, distances scaled by the root of each subspace's total variance.
/// </summary>
public static class MutualInformation
{
    /// <summary>
    /// <c>I(a,b) = mean_i [ψ(1) + ψ(M+1) − ψ(n_a+1) − ψ(n_b+1)]</c>, with <c>ε = min_m max(δ_a, δ_b)</c> and
    /// <c>n_a = #{m : δ_a &lt; ε}</c>. Exact duplicates give ε = 0 and so the greatest value, <c>ψ(M+1) − ψ(1)</c>.
    /// </summary>
    /// <param name="buffer">Gives queries and keys.</param>
    /// <param name="rotation">R. [d_model, d_model]</param>
    /// <param name="sizes">Columns of each subspace.</param>
    /// <param name="batches">How many batches of queries.</param>
    /// <param name="batchSize">Queries in a batch.</param>
    /// <param name="keyBlocks">Blocks of keys for every batch.</param>
    /// <param name="threads">Threads; 0 means as many as libtorch has.</param>
    /// <param name="memoryMiB">Most memory for the rotated keys.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <returns>[unit, unit], symmetric, nats; the diagonal is not a number.</returns>
    public static double[,] AllPairs(ActivationBuffer buffer, Tensor rotation, IReadOnlyList<int> sizes, int batches, int batchSize, int keyBlocks, int threads = 0, int memoryMiB = 2048, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var scaled = rotation.detach().cpu().to(float32) * tensor(Scales(buffer, rotation, sizes).SelectMany((scale, unit) => Enumerable.Repeat((float)scale, sizes[unit])).ToArray());
        using var engine = InformationEngines.Make(scaled, sizes, ComputeThreads.Or(threads), VectorPaths.Best, memoryMiB);
        var information = new double[sizes.Count, sizes.Count];
        for (var batch = 0; batch < batches; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            var first = buffer.Advance(batchSize);
            engine.AddBatch(buffer.Queries, first, batchSize, [.. buffer.Keys(keyBlocks)], information, cancellation);
        }

        for (var a = 0; a < sizes.Count; a++)
        {
            for (var b = 0; b < sizes.Count; b++)
                information[a, b] = a == b ? double.NaN : information[a, b] / batches;
        }

        return information;
    }

    /// <summary>Mutual information per dimension, the merge statistic: <c>I(a,b)/(d_a + d_b)</c>.</summary>
    /// <returns>[unit, unit], nats per dimension; the diagonal is not a number.</returns>
    public static double[,] Normalize(double[,] information, IReadOnlyList<int> sizes)
    {
        var normalized = new double[sizes.Count, sizes.Count];
        for (var a = 0; a < sizes.Count; a++)
        {
            for (var b = 0; b < sizes.Count; b++)
                normalized[a, b] = information[a, b] / (sizes[a] + sizes[b]);
        }

        return normalized;
    }

    /// <summary>1/√(total variance) of every unit, over at least 2,000 activations.</summary>
    private static double[] Scales(ActivationBuffer buffer, Tensor rotation, IReadOnlyList<int> sizes)
    {
        var blocks = 1;
        while (buffer.Keys(blocks).Sum(block => block.shape[0]) < 2000)
            blocks++;
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var rotated = cat([.. buffer.Keys(blocks).Select(block => block.to(rotation.dtype))], dim: 0).matmul(rotation);
        var variances = rotated.var(0).split([.. sizes.Select(size => (long)size)], dim: 0);
        return [.. variances.Select(part => 1 / Math.Sqrt(Math.Max(part.sum().to(float64).item<double>(), double.Epsilon)))];
    }
}
