using SubspaceCircuits.Subspaces;

namespace SubspaceCircuits.Tests.Subspaces;

public sealed class RotationTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Matrix_starts_exactly_at_an_orthogonal_start(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var start = Rotation.Random(12, new Generator(1), type);

        using var rotation = new Rotation(start);

        Assert.Equal(0, Near.Difference(start, rotation.Matrix()));
    }

    [Fact]
    public void A_start_that_is_not_orthogonal_is_made_so()
    {
        using var scope = NewDisposeScope();
        var start = randn(8, 8, generator: new Generator(2));

        using var rotation = new Rotation(start);

        Assert.True(Rotation.OrthogonalityError(rotation.Base) < 1e-6); // float32 rounding of entries below 1
        Near.Equal(Rotation.Orthogonalize(start), rotation.Base, 0);
    }

    [Theory]
    [InlineData(16, 0.03)]
    [InlineData(64, 0.01)]
    public void Rotation_stays_orthogonal_to_1e_minus_6(int dModel, double learningRate)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(3);
        using var rotation = new Rotation(Rotation.Random(dModel, generator));
        using var optimizer = optim.Adam([rotation.X], learningRate);
        var target = randn(dModel, dModel, generator: generator);

        for (var step = 0; step < 300; step++)
        {
            using var stepScope = NewDisposeScope();
            optimizer.zero_grad();
            (rotation.Matrix() - target).square().sum().backward();
            optimizer.step();
        }

        using var noGrad = no_grad();
        Assert.True(Near.Difference(rotation.Base, rotation.Matrix()) > 0.1, "It should have moved, or the test says nothing.");
        Assert.InRange(Rotation.OrthogonalityError(rotation.Matrix()), 0, 1e-6);
    }

    [Fact]
    public void Rebase_keeps_the_rotation_and_starts_again_at_zero()
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(8);
        using var noGrad = no_grad();
        using var rotation = new Rotation(Rotation.Random(6, generator));
        rotation.X.copy_(randn(6, 6, generator: generator));
        var before = rotation.Matrix();

        rotation.Rebase();

        Near.Equal(before, rotation.Matrix(), 1e-6); // float32 rounding, once more
        Near.Equal(rotation.Base, rotation.Matrix(), 0);
        Near.Equal(zeros(6, 6), rotation.X, 0);
    }

    [Fact]
    public void Gradient_is_that_of_central_differences()
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(4);
        var weights = randn(5, 5, dtype: float64, generator: generator);
        var x = 0.3 * randn(5, 5, dtype: float64, generator: generator);
        using var rotation = new Rotation(Rotation.Random(5, generator, ScalarType.Float64));
        double Value(Tensor at)
        {
            using var noGrad = no_grad();
            using var inner = NewDisposeScope();
            rotation.X.copy_(at);
            return (weights * rotation.Matrix()).square().sum().item<double>();
        }

        var expected = CentralDifferences.Gradient(Value, x);
        Value(x);
        (weights * rotation.Matrix()).square().sum().backward();

        Near.Equal(expected, rotation.X.grad!, CentralDifferences.Tolerance);
        Assert.Equal(0, rotation.X.grad!.triu().abs().max().item<double>()); // only the strictly lower triangle matters
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-6)]
    [InlineData(ScalarType.Float64, 1e-14)]
    public void Random_is_orthogonal(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();

        var random = Rotation.Random(50, new Generator(5), type);

        Assert.InRange(Rotation.OrthogonalityError(random), 0, tolerance);
        Assert.Equal(type, random.dtype);
    }

    [Fact]
    public void Random_has_the_moments_of_the_uniform_distribution()
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(6);
        const int Samples = 4000, D = 3;

        var matrices = stack([.. Enumerable.Range(0, Samples).Select(_ => Rotation.Random(D, generator, ScalarType.Float64))], dim: 0);

        // Haar: E Q = 0, E Q² = 1/d, entrywise, and E det = 0. An entry of Q² has variance below 0.1, so the standard error is below .01.
        const double FourStandardErrors = 0.04;
        Assert.InRange(matrices.mean([0]).abs().max().item<double>(), 0, FourStandardErrors);
        Assert.InRange((matrices.square().mean([0]) - 1.0 / D).abs().max().item<double>(), 0, FourStandardErrors);
        Assert.InRange(Math.Abs(linalg.det(matrices).mean().item<double>()), 0, 0.07);
    }

    [Fact]
    public void Orthogonalize_has_a_positive_triangular_factor()
    {
        using var scope = NewDisposeScope();
        var matrix = randn(6, 6, dtype: float64, generator: new Generator(7));

        var q = Rotation.Orthogonalize(matrix);

        var r = q.T.matmul(matrix);
        Assert.True(r.diagonal().gt(0).all().item<bool>());
        Near.Equal(r.triu(), r, 1e-13);
    }

    [Fact]
    public void OrthogonalityError_of_a_matrix_with_a_missing_number_is_not_a_number()
    {
        using var scope = NewDisposeScope();
        var broken = eye(3);
        broken[0, 1] = float.NaN;

        Assert.True(double.IsNaN(Rotation.OrthogonalityError(broken)));
    }
}
