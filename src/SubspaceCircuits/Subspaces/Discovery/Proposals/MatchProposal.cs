namespace SubspaceCircuits.Subspaces.Discovery.Proposals;

/// <summary>
/// Finds a variable by what changes when nothing else does, then all directions that it determines. Made for wide groups, where cumulants are too noisy.
/// </summary>
/// <remarks>
/// Two rows that lie near each other without being equal mostly agree in all variables but one, so their difference lies in that one's subspace: the
/// directions of such differences fall into clusters (normalised cut of the graph of squared cosines; Shi and Malik 2000). A cluster sees only small changes
/// of its variable. So rows are matched that agree in its part, up to a blur: what still varies between them does not depend on it, and the directions in
/// which little does are determined by it. This is repeated with what was found (the conditional covariance of sliced inverse regression, Cook and Weisberg
/// 1991, with neighbours in the place of slices).
/// </remarks>
public sealed record MatchProposal : ISplitProposal
{
    /// <summary>Width from which on it proposes. Default 25: up to 24 all cumulants are used, and are better.</summary>
    public int LeastWidth { get; init; } = 25;

    /// <summary>Rows among which neighbours are sought, at least 1,000. Default 40,000.</summary>
    public int Rows { get; init; } = 40_000;

    /// <summary>Rows whose neighbours give differences, at least 100. Default 1,000.</summary>
    public int Queries { get; init; } = 1000;

    /// <summary>Differences for each. Default 4.</summary>
    public int Differences { get; init; } = 4;

    /// <summary>Least squared distance of such neighbours, as a share of the variance: rows that are equal up to noise tell nothing. Default 0.02.</summary>
    public double LeastDistance { get; init; } = 0.02;

    /// <summary>Pairs of matched rows, at least 100. Default 4,000.</summary>
    public int Matches { get; init; } = 4000;

    /// <summary>Blur of the coordinates that are matched, as a share of their standard deviation. Default 0.3.</summary>
    public double Blur { get; init; } = 0.3;

    /// <summary>
    /// A direction can be determined only when less than this share of its variance is left between matched rows; among such, the cut is where the share grows
    /// by the greatest factor. Default 0.25.
    /// </summary>
    public double MostLeft { get; init; } = 0.25;

    /// <summary>How often what was found is matched again, at least 1. Default 3.</summary>
    public int Rounds { get; init; } = 3;

    private const double LeastLeft = 0.01; // differences below it are noise

    private const int PowerOfCosine = 8, Iterations = 60, Vectors = 6, Chunk = 200, LeastClusterShare = 50;

    /// <inheritdoc/>
    public string Name => "matches";

    /// <inheritdoc/>
    public IEnumerable<SplitProposal> Propose(SplitGroup group, int leastDimensions, Generator generator, CancellationToken cancellation)
    {
        if (group.Width < LeastWidth)
            return [];
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var chosen = randperm(group.Rows.shape[0], generator: generator).narrow(0, 0, Math.Min(Rows, group.Rows.shape[0]));
        var rows = group.Rows.index_select(0, chosen);
        List<SplitProposal> found = [];
        foreach (var part in Seeds(rows, group.Root(), generator, cancellation))
        {
            if (Determined(rows, part, leastDimensions, generator, cancellation) is { } proposal)
                found.Add(proposal with { Basis = proposal.Basis.MoveToOuterDisposeScope() });
        }

        return found;
    }

    /// <summary>
    /// Parts to begin with: the directions in which one of two clusters of small differences is stronger, those of the other, and those in which all of them
    /// are strongest, for a variable whose changes are all that is small. [d, size] each
    /// </summary>
    private IEnumerable<Tensor> Seeds(Tensor rows, Tensor root, Generator generator, CancellationToken cancellation)
    {
        var directions = nn.functional.normalize(Small(rows.matmul(root), generator, cancellation), dim: 1); // in activations as they are
        var affinity = directions.matmul(directions.T).pow(PowerOfCosine);
        affinity.diagonal().fill_(0);
        var isSecond = Cut(affinity, generator, cancellation);
        Tensor Covariance(Tensor some) => some.T.matmul(some).to(float64) / Math.Max(1, some.shape[0]);
        Tensor Of(Tensor mask) => Covariance(directions.index_select(0, mask.nonzero().flatten()));
        Tensor first = Of(isSecond.logical_not()), second = Of(isSecond);
        var (contrast, contrasted) = linalg.eigh(Relative(second - first, first + second));
        var size = Math.Clamp((int)contrast.lt(0).sum().item<long>(), 1, (int)contrast.shape[0] - 1);
        yield return root.matmul(contrasted.narrow(1, 0, size).to(float32));
        yield return root.matmul(contrasted.narrow(1, size, contrast.shape[0] - size).to(float32));

        var (strength, strong) = linalg.eigh(Relative(Covariance(directions), Covariance(rows.matmul(root))));
        double[] spectrum = [.. strength.data<double>()];
        var cut = Enumerable.Range(1, spectrum.Length - 1).MaxBy(at => spectrum[at] - spectrum[at - 1]);
        yield return root.matmul(strong.narrow(1, cut, spectrum.Length - cut).to(float32));
    }

    /// <summary>A matrix where another is whitened: <c>B^−½ A B^−½</c>, with a floor. [d, d], float64</summary>
    private static Tensor Relative(Tensor a, Tensor b, double floor = 1e-2)
    {
        var (values, vectors) = linalg.eigh(b);
        var white = (vectors * (values + floor * values.mean()).rsqrt()).matmul(vectors.T);
        return white.matmul(a).matmul(white);
    }

    /// <summary>Differences of near rows that are not nearly equal, less than which nothing is near. [difference, d]</summary>
    private Tensor Small(Tensor raw, Generator generator, CancellationToken cancellation)
    {
        var squares = raw.square().sum(dim: 1);
        var least = LeastDistance * raw.var(0).sum().item<float>();
        var queries = randperm(raw.shape[0], generator: generator).narrow(0, 0, Math.Min(Queries, raw.shape[0]));
        List<Tensor> differences = [];
        foreach (var part in queries.split(Chunk))
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var own = raw.index_select(0, part);
            var distances = own.square().sum(dim: 1).unsqueeze(1) + squares.unsqueeze(0) - 2 * own.matmul(raw.T); // [query, row]
            distances.masked_fill_(distances.lt(least), float.PositiveInfinity);
            var near = distances.topk(Differences, dim: 1, largest: false, sorted: false).indexes;
            differences.Add((own.unsqueeze(1) - raw.index_select(0, near.flatten()).view(part.shape[0], Differences, -1)).flatten(0, 1).MoveToOuterDisposeScope());
        }

        return cat(differences, dim: 0);
    }

    /// <summary>Which nodes of a graph lie on the second side of its normalised cut.</summary>
    private static Tensor Cut(Tensor affinity, Generator generator, CancellationToken cancellation)
    {
        var count = affinity.shape[0];
        var degrees = affinity.sum(dim: 1).clamp_min(1e-12);
        var scale = degrees.rsqrt();
        var normalized = affinity * scale.unsqueeze(0) * scale.unsqueeze(1);
        var vectors = randn([count, Vectors], generator: generator);
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            vectors = linalg.qr(normalized.matmul(vectors) + vectors).Q.MoveToOuterDisposeScope(); // + 1: no eigenvalue is negative
        }

        var (_, turn) = linalg.eigh(vectors.T.matmul(normalized).matmul(vectors));
        var second = vectors.matmul(turn.narrow(1, Vectors - 2, 1)).flatten() * scale;
        var order = second.argsort();
        var sorted = affinity.index_select(0, order).index_select(1, order);
        var ownDegrees = degrees.index_select(0, order);
        var volume = ownDegrees.cumsum(0);
        var between = volume - 2 * sorted.tril(-1).sum(dim: 1).cumsum(0);
        var conductance = between / minimum(volume, volume[-1] - volume).clamp_min(1e-12);
        var margin = Math.Max(1, count / LeastClusterShare);
        var cut = conductance.narrow(0, margin, count - 2 * margin).argmin().item<long>() + margin;
        var isSecond = zeros([count], dtype: @bool);
        isSecond.index_fill_(0, order.narrow(0, cut + 1, count - cut - 1), true);
        return isSecond;
    }

    /// <summary>The directions that a part determines, and the others.</summary>
    private SplitProposal? Determined(Tensor rows, Tensor part, int leastDimensions, Generator generator, CancellationToken cancellation)
    {
        Tensor? basis = null;
        var size = 0;
        for (var round = 0; round < Rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            (var left, basis) = linalg.eigh(Left(rows, part, generator, cancellation));
            double[] spectrum = [.. left.data<double>().Select(value => Math.Max(value, LeastLeft))];
            size = Enumerable.Range(1, spectrum.Length - 1).Where(at => spectrum[at - 1] < MostLeft).DefaultIfEmpty(0).MaxBy(at => at == 0 ? 0 : spectrum[at] / spectrum[at - 1]);
            if (size < leastDimensions || size > rows.shape[1] - leastDimensions)
                return null;
            part = basis.narrow(1, 0, size).to(float32);
        }

        return new SplitProposal(basis!.to(float32), size, null);
    }

    /// <summary>Covariance of what varies between rows that agree in a part, as a share of what varies at all. [d, d], float64</summary>
    private Tensor Left(Tensor rows, Tensor part, Generator generator, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var own = rows.matmul(part);
        own = own / own.square().mean().sqrt();
        own = own + Blur * randn(own.shape, generator: generator);
        var queries = randperm(rows.shape[0], generator: generator).narrow(0, 0, Math.Min(Matches, rows.shape[0]));
        List<Tensor> matched = [];
        foreach (var chunk in queries.split(Chunk))
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var distances = own.square().sum(dim: 1).unsqueeze(0) - 2 * own.index_select(0, chunk).matmul(own.T); // less the query's own square
            distances.scatter_(1, chunk.unsqueeze(1), full([chunk.shape[0], 1], float.PositiveInfinity));
            matched.Add(distances.argmin(1).MoveToOuterDisposeScope());
        }

        var differences = rows.index_select(0, queries) - rows.index_select(0, cat(matched, dim: 0));
        Tensor Covariance(Tensor some) => some.T.matmul(some).to(float64) / some.shape[0];
        return Relative(Covariance(differences) / 2, Covariance(rows), 1e-3).MoveToOuterDisposeScope();
    }
}
