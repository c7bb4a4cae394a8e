using SubspaceCircuits.Backend.Vectors;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Rotations;

namespace SubspaceCircuits.Tests.Subspaces.Rotations;

public sealed class RotationUpdateTests
{
    private const double LearningRate = 3e-4, NoClip = 1e9;

    [Theory]
    [InlineData(5)]   // float64
    [InlineData(16)]
    [InlineData(64)]  // float32
    public void Exact_updates_follow_automatic_differentiation_in_float64(int d)
    {
        using var scope = NewDisposeScope();
        var start = Rotation.Random(d, new Generator(1), ScalarType.Float64);
        using var problem = new Problem(d, seed: 2);
        using var update = RotationUpdates.From(UpdateMode.Exact, RotationUpdates.At(start), 1, VectorPaths.Best);
        using var reference = new Rotation(start);
        using var optimizer = optim.Adam([reference.X], LearningRate);

        for (var step = 0; step < 200; step++)
        {
            using var inner = NewDisposeScope();
            var noise = problem.Noise();
            optimizer.zero_grad();
            problem.Loss(reference.Matrix(), noise).backward();
            var norm = reference.X.grad!.norm().item<double>();
            optimizer.step();

            var found = update.Step(problem.Gradient(Current(update, d), noise), LearningRate, NoClip);

            Near.Equal(1, found / norm, 1e-4);
        }

        using var noGrad = no_grad();
        Assert.True(Near.Difference(start, reference.Matrix()) > 0.01, "It should have moved, or the test says nothing.");
        Near.Equal(reference.Matrix(), Current(update, d), 1e-4);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(3)]   // several squarings
    [InlineData(40)]
    public void The_gradient_through_the_exponential_is_that_of_central_differences(double size)
    {
        using var scope = NewDisposeScope();
        const int D = 6;
        var generator = new Generator(3);
        var weights = randn(D, D, dtype: float64, generator: generator);
        var x = (size / 5 * randn(D, D, dtype: float64, generator: generator)).tril(-1);
        using var product = new DoubleProduct(D, 1);
        var exponential = new SkewExponential<double>(D, product);
        double Value(Tensor at) => (weights * Matrix(exponential.Of(at.data<double>().ToArray()), D)).sum().item<double>();

        var expected = CentralDifferences.Gradient(Value, x);
        var value = Matrix(exponential.Of(x.data<double>().ToArray()), D);
        // R = exp A here, so Rᵀ ∂L/∂R = exp(A)ᵀ W.
        var gradient = exponential.Gradient(value.T.matmul(weights).contiguous().data<double>().ToArray());

        Near.Equal(matrix_exp(x - x.T), value, 1e-13 * Math.Max(1, size));
        Near.Equal(expected.tril(-1), Matrix(gradient, D).tril(-1), CentralDifferences.Tolerance * Math.Max(1, size));
    }

    [Theory]
    [InlineData(UpdateMode.Exact, 8, 100_000)]
    [InlineData(UpdateMode.Fast, 8, 100_000)]
    [InlineData(UpdateMode.Exact, 48, 1_500)]
    [InlineData(UpdateMode.Fast, 48, 5_000)]
    public void Rotations_stay_orthogonal(UpdateMode mode, int d, int steps)
    {
        using var update = RotationUpdates.From(mode, RotationUpdates.At(eye(d)), 1, VectorPaths.Best);
        var random = new Random(4);
        var gradient = new float[d * d];

        for (var step = 0; step < steps; step++)
        {
            for (var i = 0; i < gradient.Length; i++)
                gradient[i] = (float)random.NextDouble() - 0.4f;
            update.Step(gradient, LearningRate, NoClip);
        }

        using var scope = NewDisposeScope();
        Assert.True(Near.Difference(eye(d), Current(update, d).to(float32)) > 0.1, "It should have moved, or the test says nothing.");
        Assert.InRange(Rotation.OrthogonalityError(Current(update, d)), 0, 1e-6);
    }

    [Theory]
    [InlineData(3e-4)]
    [InlineData(0.1)] // needs more terms
    public void Fast_updates_agree_with_exact_ones_to_first_order(double rate)
    {
        using var scope = NewDisposeScope();
        const int D = 20;
        var start = Rotation.Random(D, new Generator(5));
        var gradient = randn(D, D, generator: new Generator(6)).data<float>().ToArray();
        using var exact = RotationUpdates.From(UpdateMode.Exact, RotationUpdates.At(start), 1, VectorPaths.Best);
        using var fast = RotationUpdates.From(UpdateMode.Fast, RotationUpdates.At(start), 1, VectorPaths.Best);

        exact.Step(gradient, rate, NoClip);
        fast.Step(gradient, rate, NoClip);

        // The first step has the same Δ; the fast polynomial lacks ‖Δ‖³/6 at most.
        var delta = rate * D;
        Near.Equal(Current(exact, D), Current(fast, D), 1e-6 + Math.Min(1e-4, delta * delta * delta / 6));
        Assert.InRange(Rotation.OrthogonalityError(Current(fast, D)), 0, 1e-6);
    }

    [Theory]
    [InlineData(UpdateMode.Exact, 12)]
    [InlineData(UpdateMode.Fast, 40)]
    [InlineData(UpdateMode.Exact, 40)]
    public void An_update_that_goes_on_from_a_state_takes_the_same_steps(UpdateMode mode, int d)
    {
        using var scope = NewDisposeScope();
        using var first = RotationUpdates.From(mode, RotationUpdates.At(Rotation.Random(d, new Generator(7))), 1, VectorPaths.Best);
        var gradients = Enumerable.Range(0, 24).Select(step => randn(d, d, generator: new Generator((ulong)step + 50)).data<float>().ToArray()).ToArray();
        foreach (var gradient in gradients[..16])
            first.Step(gradient, 1e-3, NoClip);

        using var second = RotationUpdates.From(mode, first.State(), 1, VectorPaths.Best);
        foreach (var gradient in gradients[16..])
        {
            first.Step(gradient, 1e-3, NoClip);
            second.Step(gradient, 1e-3, NoClip);
        }

        Assert.Equal(first.Rotation.ToArray(), second.Rotation.ToArray());
    }

    [Theory]
    [InlineData(UpdateMode.Exact, 50)]
    [InlineData(UpdateMode.Fast, 50)]
    [InlineData(UpdateMode.Exact, 100)]
    public void Any_number_of_threads_gives_the_same_bytes(UpdateMode mode, int d)
    {
        using var scope = NewDisposeScope();
        var start = RotationUpdates.At(Rotation.Random(d, new Generator(8)));
        float[] After(int threads)
        {
            using var update = RotationUpdates.From(mode, start, threads, VectorPaths.Best);
            for (var step = 0; step < 3; step++)
                update.Step(randn(d, d, generator: new Generator((ulong)step)).data<float>().ToArray(), 1e-2, NoClip);
            return update.Rotation.ToArray();
        }

        Assert.Equal(After(1), After(2));
    }

    [Theory]
    [InlineData(VectorPath.Portable)]
    [InlineData(VectorPath.Avx2)]
    public void Narrow_vectors_give_the_same_up_to_rounding(VectorPath path)
    {
        Assert.SkipUnless(VectorPaths.IsSupported(path), $"This machine has no {path}.");
        using var scope = NewDisposeScope();
        const int D = 50;
        var start = RotationUpdates.At(Rotation.Random(D, new Generator(9)));
        using var wide = RotationUpdates.From(UpdateMode.Exact, start, 1, VectorPaths.Best);
        using var narrow = RotationUpdates.From(UpdateMode.Exact, start, 1, path);
        var gradient = randn(D, D, generator: new Generator(10)).data<float>().ToArray();

        wide.Step(gradient, 1e-2, NoClip);
        narrow.Step(gradient, 1e-2, NoClip);

        Near.Equal(Current(wide, D), Current(narrow, D), 1e-6);
    }

    [Fact]
    public void A_gradient_is_clipped_to_its_norm()
    {
        using var scope = NewDisposeScope();
        var gradient = randn(4, 4, generator: new Generator(11)).data<float>().ToArray();
        double FirstMoment(double clip)
        {
            using var update = RotationUpdates.From(UpdateMode.Exact, RotationUpdates.At(eye(4)), 1, VectorPaths.Best);
            update.Step(gradient, LearningRate, clip);
            return Math.Sqrt(update.State().FirstMoment.Sum(value => value * value)) / 0.1;
        }

        Near.Equal(0.5, FirstMoment(0.5), 1e-5);
        Assert.True(FirstMoment(NoClip) > 1);
    }

    private static Tensor Current(IRotationUpdate update, int d) => tensor(update.Rotation.ToArray(), [d, d]).to(float64);

    private static Tensor Matrix(double[] values, int d) => tensor(values, [d, d]);

    /// <summary>A rotation is drawn to a matrix, with other weights at every step, as from batches.</summary>
    private sealed class Problem(int d, ulong seed) : IDisposable
    {
        private readonly Generator _generator = new(seed);
        private readonly Tensor _target = randn(d, d, dtype: float64, generator: new Generator(seed + 1));

        public void Dispose() => _generator.Dispose();

        public Tensor Noise() => randn(d, d, dtype: float64, generator: _generator).square();

        public Tensor Loss(Tensor rotation, Tensor noise) => ((rotation - _target).square() * noise).sum();

        public float[] Gradient(Tensor rotation, Tensor noise) => (2 * (rotation - _target) * noise).to(float32).data<float>().ToArray();
    }
}
