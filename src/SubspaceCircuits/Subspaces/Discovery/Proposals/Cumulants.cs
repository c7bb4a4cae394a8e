namespace SubspaceCircuits.Subspaces.Discovery.Proposals;

/// <summary>
/// Slices of the third and fourth cumulants of whitened activations. Those of independent groups are all block diagonal in one and the same basis.
/// </summary>
internal static class Cumulants
{
    /// <summary>Widths up to which every fourth cumulant is taken; above, as many as at this width, of random products.</summary>
    private const int WholeWidth = 24;

    private static readonly double FourthWeight = 1 / Math.Sqrt(12);

    /// <summary>
    /// <c>E[z_i z zᵀ]</c> for every i, and <c>E[(aᵀz)(bᵀz) z zᵀ] − C aᵀCb − C(abᵀ + baᵀ)C</c> for products of two directions, over √12: of all pairs of axes, or of
    /// random pairs of orthogonal directions, weighted to stand for all.
    /// </summary>
    /// <param name="rows">z: mean 0. [row, d], float32</param>
    /// <param name="folds">Parts of the rows, each of which gives its own slices.</param>
    /// <param name="generator">Where chance comes from.</param>
    /// <param name="cancellation">Checked between slices.</param>
    /// <returns>For every fold [slice, d, d], float32; their mean is that of all rows when the folds are as long.</returns>
    public static IReadOnlyList<Tensor> Slices(Tensor rows, int folds, Generator generator, CancellationToken cancellation)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var d = (int)rows.shape[1];
        var (first, second, weights) = Products(d, generator);
        List<Tensor> slices = [];
        foreach (var part in rows.chunk(folds, dim: 0))
        {
            using var fold = NewDisposeScope();
            var z = part.contiguous();
            var n = z.shape[0];
            var covariance = z.T.matmul(z) / n;
            var result = empty(d + weights.Length, d, d);
            for (var i = 0; i < d; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var slice = NewDisposeScope();
                result[i].copy_(z.T.matmul(z * z.narrow(1, i, 1)) / n);
            }

            for (var k = 0; k < weights.Length; k++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var slice = NewDisposeScope();
                Tensor a = first[k].unsqueeze(1), b = second[k].unsqueeze(1); // [d, 1]
                Tensor ca = covariance.matmul(a), cb = covariance.matmul(b);
                var moment = z.T.matmul(z * (z.matmul(a) * z.matmul(b))) / n;
                var gaussian = covariance * a.T.matmul(cb) + ca.matmul(cb.T) + cb.matmul(ca.T);
                result[d + k].copy_((moment - gaussian) * (weights[k] * FourthWeight));
            }

            slices.Add(result.MoveToOuterDisposeScope());
        }

        return [.. slices.Select(slice => slice.MoveToOuterDisposeScope())];
    }

    private static (Tensor First, Tensor Second, double[] Weights) Products(int d, Generator generator)
    {
        if (d <= WholeWidth)
        {
            var pairs = from i in Enumerable.Range(0, d) from j in Enumerable.Range(i, d - i) select (i, j);
            var axes = eye(d);
            Tensor Of(Func<(int I, int J), int> axis) => axes.index_select(0, tensor([.. pairs.Select(pair => (long)axis(pair))]));
            return (Of(pair => pair.I), Of(pair => pair.J), [.. pairs.Select(pair => pair.i == pair.j ? 1 : Math.Sqrt(2))]);
        }

        var count = WholeWidth * (WholeWidth + 1) / 2;
        var a = nn.functional.normalize(randn([count, d], generator: generator), dim: 1);
        var b = randn([count, d], generator: generator);
        b = nn.functional.normalize(b - (a * b).sum(dim: 1, keepdim: true) * a, dim: 1);
        return (a, b, [.. Enumerable.Repeat(Math.Sqrt(2 * (d * (d + 1) / 2.0) / count), count)]);
    }
}
