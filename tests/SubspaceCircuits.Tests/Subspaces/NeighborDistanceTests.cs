using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Published;

namespace SubspaceCircuits.Tests.Subspaces;

public sealed class NeighborDistanceTests
{
    [Fact]
    public void Loss_is_the_mean_of_plain_distances_over_queries_then_subspaces()
    {
        using var scope = NewDisposeScope();
        var queries = tensor(new double[] { 0, 0, 0, 1, 1, 1 }, [2, 3]);
        var neighbours = tensor(new double[]
        {
            3, 4, 100, 1, 1, -50, // nearest in dimensions 0 and 1: distances 5 and 0
            70, 80, 2, 90, 60, 5, // nearest in dimension 2: distances 2 and 4
        }, [2, 2, 3]);

        var loss = EagerNeighborDistance.Loss(queries, neighbours, eye(3, dtype: float64), [2, 1]);

        Near.Equal((2.5 + 3) / 2, loss.item<double>(), 1e-15);
    }

    [Fact]
    public void Gradient_is_that_of_central_differences_with_neighbours_held()
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(11);
        var queries = randn(4, 5, dtype: float64, generator: generator);
        var neighbours = randn(3, 4, 5, dtype: float64, generator: generator);
        var rotation = Rotation.Random(5, generator, ScalarType.Float64);
        double Value(Tensor at)
        {
            using var noGrad = no_grad();
            using var inner = NewDisposeScope();
            return EagerNeighborDistance.Loss(queries, neighbours, at, [2, 2, 1]).item<double>();
        }

        var expected = CentralDifferences.Gradient(Value, rotation);
        var moving = rotation.clone().requires_grad_();
        EagerNeighborDistance.Loss(queries, neighbours, moving, [2, 2, 1]).backward();

        Near.Equal(expected, moving.grad!, CentralDifferences.Tolerance);
    }

    [Fact]
    public void A_distance_of_zero_has_a_gradient_of_zero()
    {
        using var scope = NewDisposeScope();
        var queries = randn(3, 4, generator: new Generator(12));
        var rotation = eye(4).requires_grad_();

        var loss = EagerNeighborDistance.Loss(queries, queries.unsqueeze(0).expand(2, 3, 4), rotation, [2, 2]);
        loss.backward();

        Assert.Equal(0f, loss.item<float>());
        Near.Equal(zeros(4, 4), rotation.grad!, 0);
    }

    [Fact]
    public void Evaluate_is_the_mean_over_batches_in_every_subspace()
    {
        // Rows are (n, 10 n): the nearest key of a query is the first one that follows its block.
        using var buffer = new ActivationBuffer(new CountingSource(2, column => column == 0 ? 1 : 10), 4, 4);

        var distances = NeighborDistance.Evaluate(buffer, eye(2), [1, 1], batches: 2, batchSize: 2, keyBlocks: 1, cancellation: TestContext.Current.CancellationToken);

        // Queries 0, 1 and then 2, 3; keys 4..7 both times.
        Near.Equal((3.5 + 1.5) / 2, distances[0], 1e-6);
        Near.Equal(10 * (3.5 + 1.5) / 2, distances[1], 1e-5);
    }

    [Fact]
    public void Evaluate_stops_when_cancelled()
    {
        using var buffer = new ActivationBuffer(new CountingSource(2), 4, 4);

        Assert.Throws<OperationCanceledException>(() => NeighborDistance.Evaluate(buffer, eye(2), [1, 1], 2, 2, 1, cancellation: new CancellationToken(canceled: true)));
    }
}
