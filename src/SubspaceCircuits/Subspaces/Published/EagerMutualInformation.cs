namespace SubspaceCircuits.Subspaces.Published;

/// <summary>
/// Mutual information between subspaces by nearest neighbours (Kraskov, Stögbauer and Grassberger 2004, algorithm 1, k = 1), as
/// the published method computes it, with libtorch: the keys are rotated for every batch. The baseline of benchmarks and an oracle of
/// tests, not for use.
/// </summary>
internal static class EagerMutualInformation
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
    /// <param name="cancellation">Checked before every batch.</param>
    /// <returns>[unit, unit], symmetric, nats; the diagonal is not a number.</returns>
    public static double[,] AllPairs(ActivationBuffer buffer, Tensor rotation, IReadOnlyList<int> sizes, int batches, int batchSize, int keyBlocks, CancellationToken cancellation = default)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var scales = Scales(buffer, rotation, sizes);
        var sum = zeros(sizes.Count, sizes.Count, dtype: float64);
        for (var batch = 0; batch < batches; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            sum.add_(NextBatch(buffer, rotation, sizes, scales, batchSize, keyBlocks));
        }

        sum.div_(batches);
        return ToArray(sum, diagonal: double.NaN);
    }

    /// <summary>Takes a batch of queries; the estimate of it.</summary>
    /// <returns>[unit, unit], float64.</returns>
    internal static Tensor NextBatch(ActivationBuffer buffer, Tensor rotation, IReadOnlyList<int> sizes, double[] scales, int batchSize, int keyBlocks)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var queries = Units(buffer.TakeQueries(batchSize), rotation, sizes, scales);
        var keys = buffer.Keys(keyBlocks).Select(block => Units(block, rotation, sizes, scales)).ToArray();
        return OneBatch(queries, keys).MoveToOuterDisposeScope();
    }

    /// <summary>The estimate of one batch.</summary>
    /// <param name="queries">Of every unit the scaled coordinates. [query, d_unit]</param>
    /// <param name="keyBlocks">Of every block and unit the scaled coordinates. [key, d_unit]</param>
    /// <param name="mode">How distances are calculated; the published code leaves that to libtorch, an oracle takes differences first.</param>
    /// <returns>[unit, unit], float64.</returns>
    internal static Tensor OneBatch(Tensor[] queries, IReadOnlyList<Tensor[]> keyBlocks, compute_mode mode = compute_mode.use_mm_for_euclid_dist_if_necessary)
    {
        using var scope = NewDisposeScope();
        int units = queries.Length;
        long batch = queries[0].shape[0], keys = keyBlocks.Sum(block => block[0].shape[0]);
        Tensor Distances(Tensor[] block) => stack([.. queries.Zip(block, (q, k) => cdist(q, k, 2, mode))], dim: 0); // [unit, query, key]

        var epsilon = full([units, units, batch], double.PositiveInfinity, dtype: queries[0].dtype);       // [unit, unit, query]
        foreach (var block in keyBlocks)
        {
            using var step = NewDisposeScope();
            var distances = Distances(block);
            for (var a = 0; a < units; a++)
                epsilon[a] = minimum(epsilon[a], maximum(distances[a].unsqueeze(0), distances).amin([-1]));
        }

        var counts = zeros(units, units, batch, dtype: float64); // counts[a, b] = n_a for the pair (a, b)
        foreach (var block in keyBlocks)
        {
            using var step = NewDisposeScope();
            var distances = Distances(block);
            for (var a = 0; a < units; a++)
                counts[a].add_(distances[a].unsqueeze(0).lt(epsilon[a].unsqueeze(-1)).sum(dim: -1));
        }

        var digammas = digamma(counts + 1).mean([-1]);            // [unit, unit]
        var constant = digamma(tensor(new[] { 1.0, keys + 1.0 })).sum();
        return (constant - digammas - digammas.T).MoveToOuterDisposeScope();
    }

    /// <summary>1/√(total variance) of every unit, over at least 2,000 activations.</summary>
    internal static double[] Scales(ActivationBuffer buffer, Tensor rotation, IReadOnlyList<int> sizes)
    {
        var blocks = 1;
        while (buffer.Keys(blocks).Sum(block => block.shape[0]) < 2000)
            blocks++;
        var rotated = cat([.. buffer.Keys(blocks).Select(block => block.to(rotation.dtype))], dim: 0).matmul(rotation);
        var variances = rotated.var(0).split([.. sizes.Select(size => (long)size)], dim: 0);
        return [.. variances.Select(part => 1 / Math.Sqrt(Math.Max(part.sum().to(float64).item<double>(), double.Epsilon)))];
    }

    private static Tensor[] Units(Tensor activations, Tensor rotation, IReadOnlyList<int> sizes, double[] scales) =>
        [.. activations.to(rotation.dtype).matmul(rotation).split([.. sizes.Select(size => (long)size)], dim: 1).Zip(scales, (unit, scale) => unit * scale)];

    private static double[,] ToArray(Tensor matrix, double diagonal)
    {
        var size = (int)matrix.shape[0];
        var result = new double[size, size];
        for (var a = 0; a < size; a++)
        {
            for (var b = 0; b < size; b++)
                result[a, b] = a == b ? diagonal : matrix[a, b].item<double>();
        }

        return result;
    }
}
