using SubspaceCircuits.Backend;
using SubspaceCircuits.Subspaces;
using SubspaceCircuits.Subspaces.Published;
using static TorchSharp.torch;

namespace SubspaceCircuits.Cli.Bench.PartitionSpeed;

/// <summary>Whether the engine's winners, loss and gradient are those of float64.</summary>
internal static class AgreementSuite
{
    /// <summary>
    /// How far the square of the winner's distance may exceed the least, as a share of <c>‖q‖² + ‖k‖²</c> in the subspace: some roundings of float32
    /// in the rotated coordinates and in the product.
    /// </summary>
    private const double RoundingTolerance = 16 * 5.96e-8;

    /// <summary>One comparison.</summary>
    /// <param name="Shape">Shape.</param>
    /// <param name="Data">Kind of activations.</param>
    /// <param name="Queries">Queries times subspaces.</param>
    /// <param name="Equal">Winners that are the oracle's.</param>
    /// <param name="WithinRounding">Others that are as near within rounding.</param>
    /// <param name="GreatestExcess">Greatest relative excess of a distance over the least.</param>
    /// <param name="LossError">Relative error of the loss, against that of the oracle's winners.</param>
    /// <param name="GradientError">Relative error of the gradient by the rotation, Frobenius norm, against automatic differentiation for the same winners.</param>
    internal sealed record Row(string Shape, string Data, long Queries, long Equal, long WithinRounding, double GreatestExcess, double LossError, double GradientError);

    public static Row Measure(PartitionShape shape, string kind, int seed, int threads, CancellationToken cancellation)
    {
        ComputeThreads.Use(threads);
        using var scope = NewDisposeScope();
        var sizes = shape.Sizes;
        using var generator = new Generator((ulong)seed + 1);
        var rotation = Rotation.Random(shape.DModel, generator);
        var activations = shape.Activations(kind, seed);
        using ActivationBuffer own = PartitionShape.Buffer(activations), buffer = PartitionShape.Buffer(activations);
        var (found, loss, gradient) = EngineParts.Step(own, rotation, shape, threads, cancellation);
        var (queries, exact) = (buffer.TakeQueries(PartitionShape.BatchSize), rotation.to(float64));
        var winners = Oracle(queries.to(float64), buffer.Keys(shape.Blocks), exact, sizes);

        var isEqual = found.eq(winners).all(dim: -1);                                          // [unit, query]
        Tensor Own(Tensor rows) => stack([.. rows.matmul(exact).split([.. sizes.Select(size => (long)size)], dim: -1).Select((part, unit) => rows.dim() == 3 ? part[unit] : part)], dim: 0);
        Tensor ofQueries = Own(queries.to(float64)), ofFound = Own(found), ofWinners = Own(winners); // [unit, query, d_unit]
        Tensor squared = (ofQueries - ofFound).square().sum(dim: -1), least = (ofQueries - ofWinners).square().sum(dim: -1);
        var isNear = (squared - least).le(RoundingTolerance * (ofQueries.square().sum(dim: -1) + ofFound.square().sum(dim: -1)));
        var excess = (squared.sqrt() / least.sqrt().clamp_min(1e-30) - 1).where(isEqual.eq(0), zeros_like(least)).max().item<double>();

        var (_, expected) = InFloat64(queries, found, exact, sizes); // a winner that is another's equal has another gradient
        var (expectedLoss, _) = InFloat64(queries, winners, exact, sizes);
        var gradientError = ((gradient - expected).norm() / expected.norm()).item<double>();
        return new Row(shape.Name, kind, isEqual.numel(), isEqual.sum().item<long>(), isNear.logical_and(isEqual.eq(0)).sum().item<long>(), excess, Math.Abs(loss / expectedLoss - 1), gradientError);
    }

    private static (double Loss, Tensor Gradient) InFloat64(Tensor queries, Tensor neighbours, Tensor rotation, IReadOnlyList<int> sizes)
    {
        using var scope = NewDisposeScope();
        var variable = rotation.detach().clone().requires_grad_();
        using var loss = EagerNeighborDistance.Loss(queries.to(float64), neighbours.to(float64), variable, sizes);
        loss.backward();
        return (loss.item<double>(), variable.grad!.detach().clone().MoveToOuterDisposeScope());
    }

    /// <summary>Nearest keys by brute force in float64, the first of equal ones. [unit, query, d_model]</summary>
    private static Tensor Oracle(Tensor queries, IEnumerable<Tensor> blocks, Tensor rotation, IReadOnlyList<int> sizes)
    {
        using var scope = NewDisposeScope();
        long[] split = [.. sizes.Select(size => (long)size)];
        var ofQueries = queries.matmul(rotation).split(split, dim: 1);
        var least = full([sizes.Count, queries.shape[0]], double.PositiveInfinity, dtype: float64);
        var winners = zeros([sizes.Count, queries.shape[0], queries.shape[1]], dtype: float64);
        foreach (var block in blocks)
        {
            using var step = NewDisposeScope();
            var keys = block.to(float64);
            var ofKeys = keys.matmul(rotation).split(split, dim: 1);
            for (var unit = 0; unit < sizes.Count; unit++)
            {
                using var one = NewDisposeScope();
                var index = cdist(ofQueries[unit], ofKeys[unit]).argmin(1);
                // cdist rounds by squares of norms; the distance that blocks are compared by does not.
                var distance = linalg.vector_norm(ofQueries[unit] - ofKeys[unit].index_select(0, index), 2, [-1]);
                var isNearer = distance.lt(least[unit]);
                winners[unit].copy_(keys.index_select(0, index).where(isNearer.unsqueeze(-1), winners[unit]));
                least[unit].copy_(minimum(distance, least[unit]));
            }
        }

        return winners.MoveToOuterDisposeScope();
    }
}
