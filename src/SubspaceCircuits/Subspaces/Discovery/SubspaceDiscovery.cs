namespace SubspaceCircuits.Subspaces.Discovery;

/// <summary>Finds subspaces, and how many there are: clean, whiten, cut in two as long as the parts tell little about each other, decide from the leaves up, refine, try again on halves of the rows.</summary>
public static class SubspaceDiscovery
{
    /// <summary>Runs discovery.</summary>
    /// <param name="activations">[row, d_model], in storage type.</param>
    /// <param name="settings">What proposes, measures, decides and refines.</param>
    /// <param name="progress">Told of every group of directions that was looked into; may be null.</param>
    /// <param name="cancellation">Checked throughout.</param>
    /// <exception cref="ArgumentException">There are too few activations, or they are not finite, or all are the same.</exception>
    public static DiscoveryResult Run(Tensor activations, DiscoverySettings settings, IProgress<DiscoveryProgress>? progress = null, CancellationToken cancellation = default)
    {
        settings.Validate();
        RequireUsable(activations);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)settings.Seed);
        var passes = 1 + settings.Replicates;
        var found = Once(activations, settings, generator, Pass(1), cancellation);
        if (settings.Replicates > 0)
            found = WithStability(found);
        found.Rotation.DetachFromDisposeScope();
        return found;

        IProgress<SplitNode>? Pass(int pass) => progress is null ? null : new OfPass(progress, pass, passes);

        DiscoveryResult WithStability(DiscoveryResult all)
        {
            var covariance = activations.to(float32).T.cov();
            List<IReadOnlyList<Tensor>> replicates = [];
            for (var replicate = 0; replicate < settings.Replicates; replicate++)
            {
                var half = randperm(activations.shape[0], generator: generator).narrow(0, 0, Math.Max(LeastRows, activations.shape[0] / 2));
                replicates.Add(Once(activations.index_select(0, half), settings, generator, Pass(2 + replicate), cancellation).Bases());
            }

            var stability = SubspaceStability.Of(all.Bases(), replicates, covariance);
            return all with { Subspaces = [.. all.Subspaces.Zip(stability, (subspace, own) => subspace with { Stability = own })], ReplicateCounts = [.. replicates.Select(bases => bases.Count)] };
        }
    }

    private const int LeastRows = 1000;

    /// <summary>One pass over rows, without replicates. The rotation stays in the caller's scope.</summary>
    private static DiscoveryResult Once(Tensor activations, DiscoverySettings settings, Generator generator, IProgress<SplitNode>? progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var cleaned = new CleanedActivations(activations, settings.WhiteningFloor);
        var constant = (int)activations.shape[1] - cleaned.Rank;
        if (cleaned.Rank == 0)
            throw new ArgumentException($"All {activations.shape[0]} activations are the same: there is nothing to find.");

        using var grown = new SplitSearch(settings, generator, progress, cancellation).Grow(cleaned.White, cleaned.Scale);
        var tree = settings.Decision.Decide(grown.Root);
        var groups = Groups(tree, settings.Decision, cleaned.Raw.matmul(grown.Rotation).var(0).to(float64).data<double>().ToArray());
        long[] sizes = [.. groups.Select(group => (long)group.Found.Size)];
        var oblique = grown.Rotation.index_select(1, tensor([.. groups.SelectMany(group => group.Columns)]));
        var rotation = Rotation.Nearest(oblique / cleaned.Scale.unsqueeze(1)); // as the activations are, not whitened
        if (settings.Refinement is { } refinement && sizes.Length > 1)
            rotation = refinement.Refine(cleaned.Raw, rotation, [.. sizes.Select(size => (int)size)], generator, cancellation);

        Tensor[] parts = cleaned.Raw.matmul(rotation).split(sizes, dim: 1);
        var kept = oblique.split(sizes, dim: 1).Zip(rotation.split(sizes, dim: 1), (own, orthogonal) => Kept(own, orthogonal, cleaned.Scale));
        FoundSubspace[] found = [.. groups.Zip(parts, kept).Select(of => of.First.Found with { Variance = of.Second.var(0).sum().item<float>(), Kept = of.Third })];
        found[^1] = found[^1] with { Size = found[^1].Size + constant };
        var dependence = Pairs(parts, settings.Dependence, generator, cancellation);
        var whole = cleaned.Basis.matmul(constant > 0 ? block_diag(rotation, eye(constant)) : rotation);
        return new DiscoveryResult(whole.MoveToOuterDisposeScope(), found, tree, dependence, activations.shape[0] - cleaned.SetAside, cleaned.SetAside, constant);
    }

    private static (FoundSubspace Found, long[] Columns)[] Groups(SplitNode tree, ISplitDecision decision, double[] variances)
    {
        static long[] Columns(SplitNode leaf) => [.. Enumerable.Range(leaf.Start, leaf.Size).Select(column => (long)column)];
        double Variance(IEnumerable<long> columns) => columns.Sum(column => variances[column]);
        bool IsLoose(SplitNode leaf) => leaf.IsLoose || (leaf.Best is { } best && best.Dependence.Share < decision.LeastDependence);
        var leaves = tree.Leaves().ToLookup(IsLoose);
        var groups = leaves[false].Select(leaf => (new FoundSubspace(leaf.Size, Variance(Columns(leaf)), leaf.Best?.Dependence.Share ?? double.NaN, false), Columns(leaf)))
            .OrderByDescending(group => group.Item1.Variance).ToList();
        long[] loose = [.. leaves[true].SelectMany(Columns)];
        if (loose.Length > 0)
            groups.Add((new FoundSubspace(loose.Length, Variance(loose), leaves[true].Max(leaf => leaf.Best?.Dependence.Share ?? 0), true), loose));
        return [.. groups];
    }

    /// <summary>Share of the variance of <c>z U Uᵀ / scale</c>, z of covariance 1, that lies in the orthogonal subspace.</summary>
    private static double Kept(Tensor oblique, Tensor orthogonal, Tensor scale)
    {
        using var scope = NewDisposeScope();
        var written = oblique / scale.unsqueeze(1); // [rank, size]: Σ is this times its transpose
        return (written.T.matmul(orthogonal).square().sum() / written.square().sum()).item<float>();
    }

    private static double[,] Pairs(Tensor[] parts, IDependenceMeasure measure, Generator generator, CancellationToken cancellation)
    {
        var pairs = new double[parts.Length, parts.Length];
        for (var a = 0; a < parts.Length; a++)
        {
            pairs[a, a] = double.NaN;
            for (var b = 0; b < a; b++)
            {
                cancellation.ThrowIfCancellationRequested();
                pairs[a, b] = pairs[b, a] = measure.Of(parts[a], parts[b], generator).Share;
            }
        }

        return pairs;
    }

    private static void RequireUsable(Tensor activations)
    {
        if (activations.dim() != 2 || activations.shape[0] < LeastRows)
            throw new ArgumentException($"Discovery needs at least {LeastRows} activations [row, d_model], but there are [{string.Join(", ", activations.shape)}].");
        if (!activations.isfinite().all().item<bool>())
            throw new ArgumentException("The activations hold values that are not finite. Look for overflow in half precision or a damaged file.");
    }

    private sealed class OfPass(IProgress<DiscoveryProgress> progress, int pass, int passes) : IProgress<SplitNode>
    {
        public void Report(SplitNode value) => progress.Report(new DiscoveryProgress(pass, passes, value));
    }
}
