using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits;

/// <summary>The two ends of the stream: what embeddings write into the first site, and what the logits read from the last.</summary>
public static class EndBlocks
{
    /// <summary>Rows of an embedding, less their mean, in every subspace of the first site; all rows count alike.</summary>
    /// <param name="table">Token or position embedding. [row, d_model]</param>
    /// <param name="write">Partition at the first site.</param>
    /// <returns>Sum of squares and variance over the rows, for each subspace.</returns>
    public static (double[] Energy, double[] Variance) Embedding(Tensor table, Partition write)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var rows = table.to(float64);
        var centred = rows - rows.mean([0], keepdim: true);
        var energy = PerSubspace(centred.matmul(write.R.to(float64)).square().sum(dim: 0), write);
        return (energy, [.. energy.Select(value => value / rows.shape[0])]);
    }

    /// <summary>Blocks of <c>R_kᵀ N W_U</c>, less the mean over the vocabulary, to which softmax is blind; a single logit is a number and keeps its own.</summary>
    /// <param name="read">Partition at the last site.</param>
    /// <param name="map">What the unembedding sees of it.</param>
    /// <param name="wU">Unembedding. [d_model, vocab]</param>
    /// <returns>Energy and variance (summed over the vocabulary, logit²) for each subspace.</returns>
    public static (double[] Energy, double[] Variance) Unembedding(Partition read, ReadMap map, Tensor wU)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var rows = map.Rotated(read, wU);                                        // [d_model, vocab]
        if (rows.shape[1] > 1)
            rows = rows - rows.mean([1], keepdim: true);
        return (PerSubspace(rows.square().sum(dim: 1), read),
            PerSubspace((rows * Blocks.WithinSubspaces(read).matmul(rows)).sum(dim: 1), read));
    }

    /// <summary>Gram matrix of rows less their mean, in slices and with the precision of the table.</summary>
    /// <param name="table">[row, d_model]</param>
    /// <returns>[d_model, d_model], float64</returns>
    internal static Tensor CentredGram(Tensor table)
    {
        const int Slice = 8192;
        using var scope = NewDisposeScope();
        var mean = table.mean([0], keepdim: true, type: float64);                      // [1, d_model]
        var gram = zeros(table.shape[1], table.shape[1], dtype: float64, device: table.device);
        for (var start = 0L; start < table.shape[0]; start += Slice)
        {
            using var each = NewDisposeScope();
            var rows = (table.narrow(0, start, Math.Min(Slice, table.shape[0] - start)).to(float64) - mean).to(table.dtype);
            gram.add_(rows.T.matmul(rows));
        }

        return gram.MoveToOuterDisposeScope();
    }

    private static double[] PerSubspace(Tensor perDimension, Partition partition) =>
        [.. perDimension.split([.. partition.Sizes.Select(size => (long)size)], dim: 0).Select(part => part.sum().item<double>())];
}
