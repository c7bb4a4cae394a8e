namespace SubspaceCircuits.Subspaces.Discovery.Proposals;

/// <summary>
/// Cuts a group between its independent components, where their joint cumulants hold them together least: the normalised cut of the graph of dependent
/// components (Shi and Malik 2000), by its second eigenvector.
/// </summary>
public sealed record ComponentProposal : ISplitProposal
{
    /// <summary>Rows used at most, at least 100. Default 100,000.</summary>
    public int Rows { get; init; } = 100_000;

    /// <summary>Iterations of the component analysis, at least 1. Default 100.</summary>
    public int Iterations { get; init; } = 100;

    /// <inheritdoc/>
    public string Name => "components";

    /// <inheritdoc/>
    public IEnumerable<SplitProposal> Propose(SplitGroup group, int leastDimensions, Generator generator, CancellationToken cancellation)
    {
        var rows = group.Rows;
        if (Cut(rows.narrow(0, 0, Math.Min(rows.shape[0], Rows)), leastDimensions, generator, cancellation) is { } proposal)
            yield return proposal;
    }

    private SplitProposal? Cut(Tensor rows, int leastDimensions, Generator generator, CancellationToken cancellation)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var z = Standardized(rows);
        var components = IndependentComponents.Of(z, Iterations, generator, cancellation);
        var affinity = CumulantAffinity.Of(z.matmul(components));
        var order = Order(affinity, leastDimensions, out var size);
        return new SplitProposal(components.index_select(1, tensor(order)).MoveToOuterDisposeScope(), size, null);
    }

    /// <summary>Mean 0 and covariance exactly 1, by the symmetric root, so that directions stay where they are. [row, d]</summary>
    private static Tensor Standardized(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var centred = rows - rows.mean([0]);
        var (values, vectors) = linalg.eigh(centred.T.matmul(centred).to(float64) / rows.shape[0]);
        var root = (vectors * values.clamp_min(1e-12 * values[-1].item<double>()).rsqrt()).matmul(vectors.T);
        return centred.matmul(root.to(float32)).MoveToOuterDisposeScope();
    }

    /// <summary>Components in the order of the second eigenvector, and where to cut.</summary>
    private static long[] Order(double[,] pairs, int leastDimensions, out int size)
    {
        var count = pairs.GetLength(0);
        double Weight(long a, long b) => Math.Max(0, pairs[a, b] - CumulantAffinity.SurePair);
        var degrees = Enumerable.Range(0, count).Select(a => Enumerable.Range(0, count).Sum(b => Weight(a, b))).ToArray();
        var least = 1e-6 * Math.Max(degrees.Max(), 1); // a component that depends on none is a group of its own
        var scale = degrees.Select(degree => 1 / Math.Sqrt(degree + least)).ToArray();
        var laplacian = new double[count * count];
        for (var a = 0; a < count; a++)
        {
            for (var b = 0; b < count; b++)
                laplacian[a * count + b] = (a == b ? 1 : 0) - Weight(a, b) * scale[a] * scale[b];
        }

        using var scope = NewDisposeScope();
        var (_, vectors) = linalg.eigh(tensor(laplacian, [count, count]));
        var second = vectors.select(1, Math.Min(1, count - 1)).contiguous().data<double>().ToArray();
        var order = Enumerable.Range(0, count).OrderBy(a => second[a] * scale[a]).Select(a => (long)a).ToArray();

        // Least conductance among the cuts of this order.
        var (inside, between, total) = (0.0, 0.0, degrees.Sum() + count * least);
        (size, var best) = (leastDimensions, double.PositiveInfinity);
        for (var cut = 1; cut < count; cut++)
        {
            var added = order[cut - 1];
            inside += degrees[added] + least;
            between += degrees[added] - 2 * order.Take(cut - 1).Sum(other => Weight(added, other));
            var conductance = between / Math.Min(inside, total - inside);
            if (cut >= leastDimensions && count - cut >= leastDimensions && conductance < best)
                (size, best) = (cut, conductance);
        }

        return order;
    }
}
