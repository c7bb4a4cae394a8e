using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Circuits.Mlps;

/// <summary>
/// How much each subspace of the input of a function matters to each subspace of its output, without any expansion (Sobol 2001; estimators of Jansen 1999).
/// </summary>
/// <remarks>
/// With x' another token and <c>x_{i←x'}</c> the stream whose subspace i is that of x': <c>T_ik = ½ E‖f_k(x) − f_k(x_{i←x'})‖²/V_k</c> and
/// <c>S_ik = 1 − ½ E‖f_k(x') − f_k(x_{i←x'})‖²/V_k</c> with <c>V_k = tr Cov(f_k(x))</c>. For independent subspaces <c>0 ≤ S ≤ T</c>, <c>Σ_i S ≤ 1 ≤ Σ_i T</c>, and both
/// sums are 1 exactly if f_k is a sum of functions of one subspace each. Dependence between subspaces voids these bounds: then the stream with one subspace of
/// another token is not one that the model meets, and both sums may lie on either side of 1. Print the information that is left between subspaces beside them.
/// </remarks>
/// <param name="Total">T, with all interactions of i. [subspace_read, subspace_write]</param>
/// <param name="First">S, of i alone; by chance below zero where it is small. [subspace_read, subspace_write]</param>
/// <param name="Variance">V. [subspace_write]</param>
public sealed record SobolIndices(double[,] Total, double[,] First, double[] Variance)
{
    /// <summary>Indices of a function on given activations; indices of a target that does not vary are zero.</summary>
    /// <param name="function">f, from [row, d_model] to [row, d_model_write].</param>
    /// <param name="read">Partition of its input.</param>
    /// <param name="write">Partition of its output.</param>
    /// <param name="activations">At least 2 rows; a few thousand make errors of some percent. [row, d_model]</param>
    /// <param name="generator">Pairs every token with another.</param>
    public static SobolIndices Of(Func<Tensor, Tensor> function, Partition read, Partition write, Tensor activations, Generator generator)
    {
        if (activations.shape[0] < 2)
            throw new ArgumentException($"Sobol indices need at least 2 activations, but there is {activations.shape[0]}.");
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var rotation = write.R.to(activations.dtype);
        Tensor Written(Tensor x) => function(x).matmul(rotation);                                       // [row, d_model]
        Tensor PerTarget(Tensor difference) => Blocks.SumsOf(difference.to(float64).square().mean([0]), 0, write);

        var order = randperm(activations.shape[0], generator: generator).to(activations.device);
        var (x, other) = (activations.index_select(0, order), activations.index_select(0, order.roll(1)));
        var here = Written(x);
        var there = here.roll(1, 0);
        var variance = Blocks.SumsOf(here.to(float64).var(0), 0, write);
        var scale = where(variance.gt(0), 0.5 / variance, zeros_like(variance));
        List<Tensor> total = [], first = [];
        for (var i = 0; i < read.Count; i++)
        {
            using var subspace = NewDisposeScope();
            var basis = read.Basis(i).to(activations.dtype);
            var mixed = Written(x + (other - x).matmul(basis).matmul(basis.T));
            total.Add((scale * PerTarget(here - mixed)).MoveToOuterDisposeScope());
            first.Add((scale.gt(0).to(float64) - scale * PerTarget(there - mixed)).MoveToOuterDisposeScope());
        }

        return new SobolIndices(Blocks.ToArray(stack(total, dim: 0)), Blocks.ToArray(stack(first, dim: 0)), [.. variance.cpu().data<double>()]);
    }
}
