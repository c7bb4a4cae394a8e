namespace SubspaceCircuits.Subspaces.Discovery.Proposals;

/// <summary>A symmetric matrix that nearly commutes with all of a set of symmetric matrices.</summary>
/// <param name="Matrix">W, trace 0 and norm 1. [d, d], float64</param>
/// <param name="Residual">λ: <c>Σ‖[M, W]‖²</c> over its mean for random W, less what noise gives; about 0 when W commutes.</param>
internal sealed record CommutingMatrix(Tensor Matrix, double Residual);

/// <summary>
/// The symmetric W, not the identity, that minimises <c>L(W) = Σ_k ‖[M_k, W]‖²</c>: when all M are block diagonal in one basis, W is a multiple of the identity in each block, and
/// its eigenvectors give the blocks. A linear eigenproblem, without local minima.
/// </summary>
internal static class Commutant
{
    private const int DenseWidth = 24, MostIterations = 300, CheckEvery = 10;
    private const double Tolerance = 1e-3;

    /// <summary>Finds the W with the least L.</summary>
    /// <param name="folds">Slices of each part of the rows, [slice, d, d]: noise of different parts is independent, which frees λ from it.</param>
    /// <param name="generator">Where chance comes from.</param>
    /// <param name="cancellation">Checked between iterations.</param>
    public static CommutingMatrix Least(IReadOnlyList<Tensor> folds, Generator generator, CancellationToken cancellation)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var sum = folds.Aggregate((a, b) => a + b);
        var slices = sum / folds.Count;
        var d = slices.shape[1];
        var squares = slices.transpose(0, 1).reshape(d, -1).matmul(slices.reshape(-1, d)).to(float64); // Σ M²
        var w = d <= DenseWidth ? Dense(slices, squares) : Lanczos(slices, squares, generator, cancellation);

        var unbiased = (Value(sum, w) - folds.Sum(fold => Value(fold, w))) / (folds.Count * (folds.Count - 1));
        var traces = slices.diagonal(dim1: 1, dim2: 2).sum(dim: 1).square().sum().to(float64).item<double>();
        var mean = ((d + 1) * squares.trace().item<double>() - traces) / (d * (d + 1) / 2.0); // of L over random W
        return new CommutingMatrix(w.MoveToOuterDisposeScope(), mean > 0 ? unbiased / mean : 0);
    }

    private static double Value(Tensor slices, Tensor w)
    {
        using var scope = NewDisposeScope();
        var single = w.to(float32);
        var commutators = slices.matmul(single) - single.matmul(slices);
        return commutators.square().sum().to(float64).item<double>();
    }

    /// <summary>L as a matrix: <c>S ⊗ 1 + 1 ⊗ S − 2 Σ M ⊗ M</c> with <c>S = Σ M²</c>.</summary>
    private static Tensor Dense(Tensor slices, Tensor squares)
    {
        using var scope = NewDisposeScope();
        var d = slices.shape[1];
        var flat = slices.flatten(start_dim: 1).to(float64);                                                         // [slice, d d]
        var both = flat.T.matmul(flat).view(d, d, d, d).permute(0, 3, 1, 2).reshape(d * d, d * d);                    // [(i, j), (l, m)] of M_il M_mj
        var one = eye(d, dtype: float64);
        var all = kron(squares, one) + kron(one, squares) - 2 * both;
        var basis = Traceless(d);                                                                                   // [d d, n]
        var (_, vectors) = linalg.eigh(basis.T.matmul(all).matmul(basis));
        return basis.matmul(vectors.narrow(1, 0, 1)).view(d, d).MoveToOuterDisposeScope();
    }

    /// <summary>An orthonormal basis of symmetric matrices of trace 0. [d d, n], float64</summary>
    private static Tensor Traceless(long d)
    {
        using var scope = NewDisposeScope();
        List<Tensor> columns = [];
        var one = eye(d, dtype: float64);
        for (var i = 0; i < d; i++)
        {
            for (var j = 0; j < i; j++)
                columns.Add((outer(one[i], one[j]) + outer(one[j], one[i])).flatten() / Math.Sqrt(2));
        }

        for (var i = 1; i < d; i++) // Helmert
        {
            var diagonal = cat([ones(i, dtype: float64), full(1, -i, dtype: float64), zeros(d - i - 1, dtype: float64)], dim: 0) / Math.Sqrt(i * (i + 1.0));
            columns.Add(diag(diagonal).flatten());
        }

        return stack(columns, dim: 1).MoveToOuterDisposeScope();
    }

    /// <summary>Lanczos' method with all earlier vectors kept orthogonal, on symmetric matrices of trace 0.</summary>
    private static Tensor Lanczos(Tensor slices, Tensor squares, Generator generator, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var d = slices.shape[1];
        var wide = slices.transpose(0, 1).reshape(d, -1);   // [d, slice d]
        var tall = slices.reshape(-1, d);                    // [slice d, d]
        var one = eye(d, dtype: float64) / Math.Sqrt(d);
        Tensor Projected(Tensor v) => v - (v * one).sum() * one;
        Tensor Applied(Tensor w)
        {
            using var step = NewDisposeScope();
            var turned = w.to(float32).matmul(wide).view(d, -1, d).transpose(0, 1).reshape(-1, d); // rows (slice, i) of W M
            var product = wide.matmul(turned).to(float64);                                       // Σ M W M
            var value = squares.matmul(w) + w.matmul(squares) - product - product.T;
            return Projected(value).MoveToOuterDisposeScope();
        }

        var start = randn([d, d], dtype: float64, generator: generator);
        start = Projected(start + start.T);
        var most = (int)Math.Min(MostIterations, d * (d + 1) / 2 - 1);
        var vectors = empty(most, d * d, dtype: float64);
        vectors[0].copy_((start / start.norm()).flatten());
        List<double> alphas = [], betas = [];
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var basis = vectors.narrow(0, 0, alphas.Count + 1);
            var last = basis[-1];
            var next = Applied(last.view(d, d)).flatten();
            alphas.Add((next * last).sum().item<double>());
            for (var again = 0; again < 2; again++)
                next -= basis.T.matmul(basis.matmul(next));
            var beta = next.norm().item<double>();
            var isLast = alphas.Count == most || beta < 1e-12 * Math.Abs(alphas[0]);
            if (isLast || alphas.Count % CheckEvery == 0)
            {
                var (values, combinations) = linalg.eigh(Tridiagonal(alphas, betas));
                var residual = Math.Abs(beta * combinations[-1, 0].item<double>());
                if (isLast || residual < Tolerance * values[-1].item<double>())
                    return combinations.narrow(1, 0, 1).T.matmul(basis).view(d, d).MoveToOuterDisposeScope().MoveToOuterDisposeScope();
            }

            betas.Add(beta);
            vectors[alphas.Count].copy_(next / beta);
        }
    }

    private static Tensor Tridiagonal(List<double> diagonal, List<double> off)
    {
        var matrix = diag(tensor(diagonal.ToArray(), dtype: float64));
        if (off.Count == 0)
            return matrix;
        var beside = tensor(off.ToArray(), dtype: float64);
        return matrix + diag(beside, 1) + diag(beside, -1);
    }
}
