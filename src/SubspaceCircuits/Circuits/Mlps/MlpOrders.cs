using SubspaceCircuits.Models;
using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits.Mlps;

/// <summary>
/// The variance of what an MLP writes into each subspace, by the order of its Hermite expansion, for a Gaussian stream with the moments of the read site whose
/// subspaces are independent. From weights and moments only, apart from <see cref="Remainder"/>.
/// </summary>
/// <remarks>
/// With <c>w_n = N w_in,n</c>, <c>o_n = w_out,n</c>, <c>K^i_nm = w_nᵀP_iΣP_i w_m</c> and <c>O^k_nm = o_nᵀP_k o_m</c>:
/// <list type="bullet">
/// <item>first order <c>Σ_nm E[g'_n] E[g'_m] K^i O^k = tr(J_ikᵀ Σ_i J_ik)</c>;</item>
/// <item>second order <c>½ Σ_nm E[g''_n] E[g''_m] K^i K^i' O^k</c>, the variance of <c>Σ_n ½ E[g''_n] (w_nᵀP_iu)(w_nᵀP_i'u) P_k o_n</c> less its mean, halved between (i, i') and (i', i);</item>
/// <item>terms of different order, and of different sets of subspaces, do not correlate. So all entries and the remainder add up to the variance of out_k.</item>
/// </list>
/// The first order is the variance of <see cref="MlpBlocks"/>, but that there the means of g' are taken under the covariance with what lies between subspaces.
/// </remarks>
/// <param name="First">Variance of the part linear in subspace i. [subspace_read, subspace_write]</param>
/// <param name="Second">Variance of the part that multiplies i with i', or squares i; symmetric in the two. [subspace_read, subspace_read, subspace_write]</param>
/// <param name="SecondEnergy"><c>‖H_ii'k‖²</c> of the tensor <c>Σ_n ½ E[g''_n] (R_iᵀw_n) ⊗ (R_i'ᵀw_n) ⊗ (R'_kᵀo_n)</c>. [subspace_read, subspace_read, subspace_write]</param>
/// <param name="Remainder">Variance of all orders from the third, by sampling. [subspace_write]</param>
public sealed record MlpOrders(double[,] First, double[,,] Second, double[,,] SecondEnergy, double[] Remainder)
{
    // Products of a chunk of neurons with all neurons, for every subspace at once: a few tens of MiB.
    private const int NeuronsAtOnce = 64, RowsAtOnce = 1024;

    /// <summary>Orders of one MLP.</summary>
    /// <param name="read">Partition at the site it reads.</param>
    /// <param name="write">Partition at the site it writes.</param>
    /// <param name="map">What it sees of the read site.</param>
    /// <param name="mlp">Weights.</param>
    /// <param name="activation">Its non-linearity.</param>
    /// <param name="generator">Draws the stream for the remainder.</param>
    /// <param name="samples">How many draws, at least 1; the remainder's relative error is about <c>√(2/samples)</c>.</param>
    public static MlpOrders Of(Partition read, Partition write, ReadMap map, MlpWeights mlp, Activation activation, Generator generator, int samples = 8192)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var covariance = Blocks.WithinSubspaces(read);
        var neurons = GaussianNeurons.Of(map.Rotated(read, mlp.WIn), map, mlp, activation, covariance);
        var writes = mlp.WOut.to(float64).matmul(write.R.to(float64));                                  // [d_mlp, d_model]
        return new MlpOrders(
            Blocks.Of(neurons.Linear(neurons.Reads).matmul(writes), read, write).Variance,
            Products(neurons, writes, covariance, read, write, 0.5),
            Products(neurons, writes, null, read, write, 0.25),
            RemainderOf(neurons, writes, covariance, write, generator, samples));
    }

    /// <summary>Variance of what is written into a subspace, all orders.</summary>
    public double Variance(int target) => FirstOf(target) + SecondOf(target) + Remainder[target];

    /// <summary>Shares of that variance by order; zero where nothing is written.</summary>
    public OrderShares Shares(int target)
    {
        var all = Variance(target);
        return all > 0 ? new(FirstOf(target) / all, SecondOf(target) / all, Remainder[target] / all) : new(0, 0, 0);
    }

    private double FirstOf(int target) => Enumerable.Range(0, First.GetLength(0)).Sum(i => First[i, target]);

    private double SecondOf(int target) => Enumerable.Range(0, Second.GetLength(0)).Sum(i => Enumerable.Range(0, Second.GetLength(1)).Sum(other => Second[i, other, target]));

    /// <summary><c>factor · Σ_nm E[g''_n] E[g''_m] K^i_nm K^i'_nm O^k_nm</c>, with the metric of K; nothing of three dimensions d_model is built.</summary>
    private static double[,,] Products(GaussianNeurons neurons, Tensor writes, Tensor? metric, Partition read, Partition write, double factor)
    {
        var weighted = metric is null ? neurons.Reads : metric.matmul(neurons.Reads);
        long[] sizes = [.. read.Sizes.Select(size => (long)size)];
        long[] writeSizes = [.. write.Sizes.Select(size => (long)size)];
        var curved = (neurons.Curvature.unsqueeze(-1) * writes).split(writeSizes, dim: 1);              // [d_mlp, d_unit]
        var sums = zeros(read.Count, read.Count, write.Count, dtype: float64, device: writes.device);
        for (long start = 0; start < writes.shape[0]; start += NeuronsAtOnce)
        {
            using var chunk = NewDisposeScope();
            var count = Math.Min(NeuronsAtOnce, writes.shape[0] - start);
            Tensor[] seen = [.. neurons.Reads.split(sizes, dim: 0).Zip(weighted.split(sizes, dim: 0), (a, b) => a.narrow(1, start, count).T.matmul(b).flatten())];
            var written = stack([.. curved.Select(part => part.narrow(0, start, count).matmul(part.T).flatten())], dim: -1);     // [neuron · d_mlp, unit_write]
            var all = stack(seen, dim: 0);                                                              // [unit_read, neuron · d_mlp]
            for (var i = 0; i < read.Count; i++)
                sums[i].narrow(0, 0, i + 1).add_((all.narrow(0, 0, i + 1) * seen[i]).matmul(written));
        }

        var isBelow = ones(read.Count, read.Count, dtype: float64, device: writes.device).tril(-1).unsqueeze(-1);
        return ToArray(factor * (sums + (sums * isBelow).transpose(0, 1)));
    }

    private static double[] RemainderOf(GaussianNeurons neurons, Tensor writes, Tensor covariance, Partition write, Generator generator, int samples)
    {
        var (values, vectors) = linalg.eigh(covariance);
        var root = (vectors * values.clamp_min(0).sqrt()).T.matmul(neurons.Reads);                      // [d_model, d_mlp]
        var sums = zeros(writes.shape[1], dtype: float64, device: writes.device);
        for (var done = 0; done < samples; done += RowsAtOnce)
        {
            using var chunk = NewDisposeScope();
            var drawn = randn([Math.Min(RowsAtOnce, samples - done), root.shape[0]], dtype: float64, generator: generator).to(writes.device);
            sums.add_(neurons.Rest(drawn.matmul(root)).matmul(writes).square().sum(dim: 0));
        }

        return [.. (Blocks.SumsOf(sums, 0, write) / samples).cpu().data<double>()];
    }

    private static double[,,] ToArray(Tensor tensor)
    {
        var result = new double[tensor.shape[0], tensor.shape[1], tensor.shape[2]];
        Buffer.BlockCopy(tensor.cpu().data<double>().ToArray(), 0, result, 0, result.Length * sizeof(double));
        return result;
    }
}

/// <summary>Shares of a variance by order; they add up to 1.</summary>
/// <param name="First">Linear in the stream.</param>
/// <param name="Second">Products of two coordinates.</param>
/// <param name="Remainder">All orders from the third.</param>
public sealed record OrderShares(double First, double Second, double Remainder);
