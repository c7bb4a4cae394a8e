using SubspaceCircuits.Backend.Vectors;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Published;
using SubspaceCircuits.Subspaces.Search;

namespace SubspaceCircuits.Tests.Subspaces.Search;

public sealed unsafe class SubspaceGradientTests
{
    [Theory]
    [InlineData(VectorPath.Portable)]
    [InlineData(VectorPath.Avx2)]
    [InlineData(VectorPath.Avx512)]
    public void Loss_and_gradient_are_those_of_automatic_differentiation_in_float64(VectorPath path)
    {
        Assert.SkipUnless(VectorPaths.IsSupported(path), $"This machine has no {path}.");
        using var scope = NewDisposeScope();
        int[] sizes = [17, 4, 2];
        const int Batch = 21, D = 23;
        var generator = new Generator(1);
        var keys = randn(50, D, generator: generator).to(float16);
        var queries = randn(Batch, D, generator: generator).to(float16);
        queries[3] = keys[7]; // at distance zero
        var rotation = Rotation.Random(D, generator);
        using var rows = new CenteredRows(queries, [keys], rotation, isDistinct: false);
        var random = new Random(2);
        var found = new Neighbors(3, Batch);
        for (var i = 0; i < found.Keys.Length; i++)
            found.Keys[i] = i % Batch == 3 ? 7 : random.Next(50);
        var gradient = new float[D * D];
        using var engine = Kernels.Gradient(new EngineSettings { Path = path, Threads = 2 });

        double loss;
        fixed (float* target = gradient)
            loss = engine.Of(rows.Window, rows.Rotation, sizes, rows.Query(0), found, target);

        var moving = rotation.to(float64).requires_grad_();
        var neighbours = keys.to(float64).index_select(0, tensor([.. found.Keys.Select(key => (long)key)])).reshape(3, Batch, D);
        var expected = EagerNeighborDistance.Loss(queries.to(float64), neighbours, moving, sizes);
        expected.backward();
        Near.Equal(1, loss / expected.item<double>(), 1e-6);
        var slope = moving.grad!;
        Near.Equal(slope / slope.norm(), tensor(gradient, [D, D]).to(float64) / slope.norm(), 1e-6);
    }
}
