using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits;

/// <summary>The two ends of the stream: what embeddings write into the first site, and what the logits read from the last.</summary>
public static class EndBlocks
{
    /// <summary>Rows of a table, or tokens of the vocabulary, that are in float64 at a time.</summary>
    private const int Slice = 4096;

    /// <summary>Rows of an embedding, less their mean, in every subspace of the first site; all rows count alike.</summary>
    /// <param name="table">Token or position embedding. [row, d_model]</param>
    /// <param name="write">Partition at the first site.</param>
    /// <returns>Sum of squares and variance over the rows, for each subspace.</returns>
    public static (double[] Energy, double[] Variance) Embedding(Tensor table, Partition write)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var basis = write.R.to(float64);
        var squares = zeros(table.shape[1], dtype: float64, device: table.device);     // [d_model]
        foreach (var rows in CentredSlices(table))
            squares.add_(rows.matmul(basis).square().sum(dim: 0));
        var energy = PerSubspace(squares, write);
        return (energy, [.. energy.Select(value => value / table.shape[0])]);
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
        var covariance = map.CovarianceWithin(read);
        Tensor squares = zeros(wU.shape[0], dtype: float64, device: wU.device), variances = zeros_like(squares); // [d_model]
        foreach (var tokens in CentredLogits(wU))
        {
            var rows = map.Rotated(read, tokens.T);                                    // [d_model, token]
            squares.add_(rows.square().sum(dim: 1));
            variances.add_((rows * Blocks.Weighted(covariance, rows, read)).sum(dim: 1));
        }

        return (PerSubspace(squares, read), PerSubspace(variances, read));
    }

    /// <summary>Gram matrix of the rows of an embedding less their mean; products with the precision of the table.</summary>
    /// <param name="table">[row, d_model]</param>
    /// <returns>[d_model, d_model], float64</returns>
    internal static Tensor EmbeddingGram(Tensor table) => Gram(CentredSlices(table), table);

    /// <summary>The same of the columns of an unembedding.</summary>
    /// <param name="wU">[d_model, vocab]</param>
    /// <returns>[d_model, d_model], float64</returns>
    internal static Tensor UnembeddingGram(Tensor wU) => Gram(CentredLogits(wU), wU.T);

    private static IEnumerable<Tensor> CentredLogits(Tensor wU) => CentredSlices(wU.T, isCentred: wU.shape[1] > 1);

    /// <summary>Slices of rows less the mean of all; each lives until the next. [row, d_model], float64</summary>
    private static IEnumerable<Tensor> CentredSlices(Tensor table, bool isCentred = true)
    {
        using var mean = isCentred ? table.mean([0], keepdim: true, type: float64) : zeros(1, table.shape[1], dtype: float64, device: table.device); // [1, d_model]
        for (var start = 0L; start < table.shape[0]; start += Slice)
        {
            using var scope = NewDisposeScope();
            yield return table.narrow(0, start, Math.Min(Slice, table.shape[0] - start)).to(float64) - mean;
        }
    }

    private static Tensor Gram(IEnumerable<Tensor> slices, Tensor table)
    {
        using var scope = NewDisposeScope();
        var gram = zeros(table.shape[1], table.shape[1], dtype: float64, device: table.device);
        foreach (var rows in slices)
        {
            var inType = rows.to(table.dtype);
            gram.add_(inType.T.matmul(inType));
        }

        return gram.MoveToOuterDisposeScope();
    }

    private static double[] PerSubspace(Tensor perDimension, Partition partition) =>
        [.. perDimension.split([.. partition.Sizes.Select(size => (long)size)], dim: 0).Select(part => part.sum().item<double>())];
}
