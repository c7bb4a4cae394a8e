namespace SubspaceCircuits.Subspaces;

/// <summary>
/// A trainable rotation <c>R = Base · exp(A)</c>, <c>A = tril(X, −1) − tril(X, −1)ᵀ</c>: the orthogonal parametrisation of the
/// published method (matrix exponential with trivialisation; Lezcano-Casado 2019). Owns its tensors and disposes them.
/// </summary>
public sealed class Rotation : IDisposable
{
    /// <summary>A rotation that starts at <paramref name="start"/>.</summary>
    /// <param name="start">Orthogonal matrix; made orthogonal by QR when it is off by more than 10·d·ε. [d_model, d_model]</param>
    public Rotation(Tensor start)
    {
        using var scope = NewDisposeScope();
        var d = start.shape[0];
        var epsilon = start.dtype == float64 ? double.BitIncrement(1) - 1 : MathF.BitIncrement(1) - 1;
        var @base = OrthogonalityError(start) > 10 * d * epsilon ? Orthogonalize(start) : start.clone();
        Base = @base.DetachFromDisposeScope();
        X = new TorchSharp.Modules.Parameter(zeros_like(@base));
        X.DetachFromDisposeScope();
    }

    /// <summary>The starting matrix; constant. [d_model, d_model]</summary>
    public Tensor Base { get; }

    /// <summary>The parameter; only its strictly lower triangle matters. [d_model, d_model]</summary>
    public TorchSharp.Modules.Parameter X { get; }

    /// <summary>
    /// R as a differentiable function of <see cref="X"/>. The exponential is taken in float64: in float32 R would be off by several
    /// 1e-6 after a few hundred steps, and every merge would build on that.
    /// </summary>
    /// <returns>[d_model, d_model]</returns>
    public Tensor Matrix()
    {
        using var scope = NewDisposeScope();
        var lower = X.to(float64).tril(-1);
        return Base.to(float64).matmul(matrix_exp(lower - lower.T)).to(Base.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Moves the base to the present rotation, made orthogonal anew, and starts again at A = 0 (dynamic trivialisation; Lezcano-Casado
    /// 2019). An optimiser on <see cref="X"/> keeps its moments. The published method never does this.
    /// </summary>
    public void Rebase()
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Base.copy_(Orthogonalize(Matrix()));
        X.zero_();
    }

    /// <summary>The orthogonal matrix nearest to another in the Frobenius norm, its polar factor; treats all columns alike.</summary>
    /// <param name="matrix">Of full rank. [d, d]</param>
    /// <returns>[d, d], of the matrix's type</returns>
    public static Tensor Nearest(Tensor matrix)
    {
        using var scope = NewDisposeScope();
        var (u, _, vt) = linalg.svd(matrix.to(float64), fullMatrices: false);
        return u.matmul(vt).to(matrix.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>A uniformly random (Haar) orthogonal matrix: QR of a Gaussian matrix with the signs of R's diagonal (Mezzadri 2007).</summary>
    /// <returns>[d_model, d_model]</returns>
    public static Tensor Random(int dModel, Generator generator, ScalarType type = ScalarType.Float32)
    {
        using var scope = NewDisposeScope();
        return Orthogonalize(randn(dModel, dModel, dtype: type, generator: generator)).MoveToOuterDisposeScope();
    }

    /// <summary>The orthogonal factor of QR with a positive diagonal of the triangular one.</summary>
    /// <returns>[d_model, d_model]</returns>
    public static Tensor Orthogonalize(Tensor matrix)
    {
        using var scope = NewDisposeScope();
        var (q, r) = linalg.qr(matrix.to(float64));
        var signs = r.diagonal().sign();
        return (q * signs.where(signs.ne(0), ones_like(signs))).to(matrix.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>Largest entry of <c>|RᵀR − I|</c>; not a number when R is not finite.</summary>
    public static double OrthogonalityError(Tensor rotation)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var r = rotation.to(float64);
        return (r.T.matmul(r) - eye(r.shape[1], dtype: float64, device: r.device)).abs().max().item<double>();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Base.Dispose();
        X.Dispose();
    }
}
